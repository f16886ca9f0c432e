import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { newId } from "#runtime/store/ids.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import { access } from "./access.ts";
import type { ApiParts, App } from "./app.ts";
import { authorize } from "./authorize.ts";
import { designer } from "./designer.ts";
import { ApiFailure } from "./errors.ts";
import { clientErrorHandler, errorHandling, frameworkErrors } from "./failures.ts";
import { hookRoutes } from "./hooks.ts";
import { metrics } from "./metrics.ts";
import { managementRoute, openapi } from "./openapi.ts";
import { tellOrigin } from "./origins.ts";
import { reviewTurns } from "./promotions/reviewTurns.ts";
import { auditRoutes } from "./routes/audit.ts";
import { bundleRoutes } from "./routes/bundles.ts";
import { connectionSettingRoutes } from "./routes/connectionSettings.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { deadLetterRoutes } from "./routes/deadLetters.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { environmentSettingRoutes } from "./routes/environmentSettings.ts";
import { environmentRoutes } from "./routes/environments.ts";
import { flowRoutes } from "./routes/flows.ts";
import { keptSampleRoutes } from "./routes/keptSamples.ts";
import { keyRoutes } from "./routes/keys.ts";
import { maskedMessageRoutes } from "./routes/maskedMessages.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { peopleRoutes } from "./routes/people.ts";
import { previewAnswerRoutes } from "./routes/previewAnswers.ts";
import { promotionRoutes } from "./routes/promotions.ts";
import { replayRoutes } from "./routes/replays.ts";
import { runRoutes } from "./routes/runs.ts";
import { sampleRoutes } from "./routes/samples.ts";
import { sessionRoutes } from "./routes/session.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { subscriptionRoutes } from "./routes/subscriptions.ts";
import { probeRoutes, systemRoutes } from "./routes/system.ts";
import { tableRoutes } from "./routes/tables.ts";
import { versionRoutes } from "./routes/versions.ts";
import { buildSerializer } from "./serialization.ts";
import { serviceRoutes } from "./services.ts";
import { refuseUnstorable, sourceAt, validatorCompiler } from "./validation.ts";

/** Management bodies are flows at most; a flow of thousands of nodes stays below this. */
const MAX_MANAGEMENT_BODY = 5_000_000;

/** Browsers that came by HTTPS once come by nothing else for half a year. */
const HSTS_SECONDS = 180 * 86_400;

const isPublicHttps = (publicUrl: string | undefined): boolean => publicUrl?.startsWith("https:") ?? false;

/** Names in addresses are shorter than this. */
const MAX_PARAM = 256;

/** Builds the HTTP server: designer, management API, webhooks, health and metrics. Not yet listening. */
export async function buildServer(given: Omit<ApiParts, "turns">): Promise<App> {
  const parts: ApiParts = { ...given, turns: reviewTurns() };
  const { settings, log } = parts.engine;
  const app = Fastify({
    loggerInstance: log.child({}, { level: "warn" }),
    // Told to whoever sees an error, and found in the log.
    genReqId: newId,
    bodyLimit: MAX_MANAGEMENT_BODY,
    requestTimeout: 30_000,
    // A request under way is answered: cut off, its sender could not know whether it was accepted.
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: MAX_PARAM },
    schemaController: { compilersFactory: { buildSerializer } },
    frameworkErrors,
    clientErrorHandler,
    trustProxy: settings.trustedProxies.length > 0 ? settings.trustedProxies : false,
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    // Its type says less than its schemas' own provider, with which every route is written.
    .setValidatorCompiler(validatorCompiler) as unknown as App;
  errorHandling(app, { source: settings.maxBodyBytes, management: MAX_MANAGEMENT_BODY });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
    parse(String(body), settings.maxJsonDepth, done),
  );
  await app.register(helmet, {
    contentSecurityPolicy: { directives: policy },
    hsts: isPublicHttps(settings.publicUrl) && { maxAge: HSTS_SECONDS, includeSubDomains: false },
  });
  await app.register(swagger, openapi(parts.info.version));
  await app.register(cookie);
  const entrance = access(parts.engine.db, settings);
  app.decorateRequest("caller", null);
  app.addHook("onRequest", entrance.guard);
  app.addHook("onRequest", refusePacked);
  app.addHook("preValidation", refuseUnstorable);
  app.addHook("preValidation", authorize(parts.engine.db));
  await app.register(async (scope) => probeRoutes(scope as App, parts));
  await app.register(async (scope) => metrics(scope as App, parts));
  const { intake, answers } = parts;
  const { maxBodyBytes } = settings;
  await app.register(async (scope) => hookRoutes(scope, { intake, maxBodyBytes, publicUrl: settings.publicUrl }));
  await app.register(async (scope) => serviceRoutes(scope, { db: parts.engine.db, intake, answers, maxBodyBytes }));
  await app.register(
    async (scope) => {
      scope.addHook("onRoute", managementRoute);
      scope.addHook("onRoute", tellOrigin);
      scope.addHook("onSend", keptNowhere);
      for (const routes of [
        systemRoutes,
        environmentRoutes,
        environmentSettingRoutes,
        tableRoutes,
        flowRoutes,
        versionRoutes,
        deploymentRoutes,
        promotionRoutes,
        bundleRoutes,
        runRoutes,
        maskedMessageRoutes,
        previewAnswerRoutes,
        replayRoutes,
        deadLetterRoutes,
        connectionRoutes,
        connectionSettingRoutes,
        sampleRoutes,
        keptSampleRoutes,
        sourceRoutes,
        subscriptionRoutes,
        peopleRoutes,
        oidcRoutes,
        auditRoutes,
        keyRoutes,
      ]) {
        await scope.register(async (inner) => routes(inner as App, parts));
      }
      await scope.register(async (inner) => sessionRoutes(inner as App, parts, entrance));
    },
    { prefix: "/api/v1" },
  );
  await app.register(swaggerUi, { routePrefix: "/api/docs", staticCSP: referencePolicy });
  app.get("/api/openapi.json", { schema: { hide: true } }, () => app.swagger());
  await designer(app);
  return app;
}

/** Only what comes in at sources is unpacked, and read in another charset. */
async function refusePacked(request: FastifyRequest): Promise<void> {
  if (sourceAt(request)) return;
  const { "content-encoding": encoding = "identity", "content-type": type = "" } = request.headers;
  if (encoding !== "identity") throw new ApiFailure("unsupportedEncoding", { encoding });
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1];
  if (charset !== undefined && charset.toLowerCase() !== "utf-8") throw new ApiFailure("unsupportedMediaType", { type });
}

/** Nothing is loaded from elsewhere, nothing stands in a page; a page of the designer names what its own code may add to it. */
const policy = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  fontSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  workerSrc: ["'self'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

/** The reference of the API shows no names that people have given, and draws itself with styles in the page. */
const referencePolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

function parse(text: string, maxDepth: number, done: (error: Error | null, value?: unknown) => void): void {
  if (text === "") {
    done(null, undefined);
    return;
  }
  try {
    done(null, parseJson(text, { maxDepth }));
  } catch (error) {
    done(error instanceof JsonError ? new ApiFailure("bodyNotJson", { detail: error.message }) : (error as Error));
  }
}

/** Documents have names and addresses in them: no cache on the way keeps what the API answers. */
async function keptNowhere(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
}
