import type { SwaggerOptions } from "@fastify/swagger";
import type { FastifySchema, RouteOptions } from "fastify";
import { Type } from "typebox";
import { ApiError } from "#schemas/api.ts";
import { Flow } from "#schemas/flow.ts";
import { ruleOf } from "./permissions.ts";

/** A flow in a body: checked by the flow's own rules, which name node and place, so a draft may be unfinished. */
export const FlowBody = Type.Unknown({ description: "A flow: kind, formatVersion, id, name, slots, nodes, edges." });

const anyError = { "4xx": ApiError, "5xx": ApiError };

interface ObjectSchema {
  properties?: Record<string, unknown>;
}

/**
 * What holds for every route of the management API: it has a rule for who may call it, errors are answered as ApiError,
 * and a name in query or body that nobody knows is refused, because a mistyped one would otherwise do nothing in silence;
 * only a route that says so itself takes any.
 */
export function managementRoute(route: RouteOptions): void {
  const schema = route.schema ?? {};
  const rule = ruleOf(String(route.method), route.url);
  route.config = { ...route.config, rule };
  if (schema.hide) return;
  route.schema = {
    ...schema,
    ...{ "x-permission": rule },
    ...(rule === "open" ? { security: [] } : {}),
    querystring: closed(schema.querystring ?? Type.Object({})),
    ...(schema.body ? { body: closed(schema.body) } : {}),
    response: { ...(schema.response as object | undefined), ...anyError },
  };
}

const closed = (schema: unknown): unknown => ({ additionalProperties: false, ...(schema as object) });

/** How `/api/openapi.json` is made. */
export const openapi = (version: string): SwaggerOptions => ({
  openapi: {
    info: { title: "Orderloom", version, description: "Management API of Orderloom, and the addresses of webhooks." },
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "A token of the people page, or ORDERLOOM_ADMIN_TOKEN; needed when sign-in is set up.",
        },
        session: { type: "apiKey", in: "cookie", name: "orderloom-session", description: "Of a person who has signed in." },
        key: {
          type: "apiKey",
          in: "header",
          name: "X-Api-Key",
          description: "The key of the caller; the connection of the source node holds it.",
        },
        signature: {
          type: "apiKey",
          in: "header",
          name: "X-Shopify-Hmac-Sha256",
          description: "The signature of the body; each connector declares its own header.",
        },
      },
    },
    security: [{ token: [] }, { session: [] }, {}],
  },
  transform: ({ schema, url }) => ({ schema: withFlow(schema), url }),
});

/** Shows the schema of a flow where the server itself checks it by other means. */
function withFlow(schema: FastifySchema): FastifySchema {
  const body = schema?.body as ObjectSchema | undefined;
  if (body?.properties?.flow === undefined) return schema;
  return { ...schema, body: { ...body, properties: { ...body.properties, flow: Flow } } };
}

const addressParams = { environment: Type.String(), flow: Type.String(), node: Type.String() };

const receiptAnswer = Type.Object(
  {
    receipt: Type.String({ description: "The id of the message; runs are found by it." }),
    state: Type.Literal("RUNNING"),
  },
  { description: "Accepted and stored; the answer is at the address in Location." },
);

/** The routes of service endpoints in the page: what they answer is the flow's to say. */
export const serviceSchema = {
  tags: ["services"],
  summary: "Call a flow and get what it responds",
  description:
    "Answers with the status and body of the flow's Respond node; a flow that ends without one answers 200 with the receipt. Where that takes longer than the source node allows, 202 with a receipt. A repeated Idempotency-Key gets the first call's answer. A flow that fails answers 422 or 502 with the reason.",
  security: [{ key: [] }],
  params: Type.Object(addressParams),
  headers: Type.Object({ "idempotency-key": Type.Optional(Type.String()) }),
  response: { 202: receiptAnswer },
};

export const receiptSchema = {
  tags: ["services"],
  summary: "The answer to an earlier call",
  description: "As the call itself would have answered had it waited until now; 202 while the flow has not responded.",
  security: [{ key: [] }],
  params: Type.Object({ ...addressParams, receipt: Type.String() }),
  response: { 202: receiptAnswer },
};

/** The route of webhooks in the page; nothing of it is checked before the signature is. */
export const challengeSchema = {
  tags: ["webhooks"],
  summary: "Prove to a marketplace that the address is ours",
  description: "Only for sources whose connector declares a challenge; eBay sends one before it sends notifications.",
  security: [],
  params: Type.Object(addressParams),
  response: {
    200: Type.Record(Type.String(), Type.String(), { description: "What the connector makes of the code that was sent." }),
    ...anyError,
  },
};

export const hookSchema = {
  tags: ["webhooks"],
  summary: "Take one message of a marketplace",
  description:
    "Answers only when the message is stored. The body is the sender's own, signed as the connector of the source node declares.",
  security: [{ signature: [] }],
  params: Type.Object(addressParams),
  response: {
    202: Type.Object(
      {
        receipt: Type.String({ description: "The id of the message; runs are found by it." }),
        duplicate: Type.Boolean({ description: "True when the same event was accepted before, under the same receipt." }),
      },
      { description: "Accepted and stored. A connector may declare another status." },
    ),
    ...anyError,
  },
};
