import { existsSync } from "node:fs";
import helmet from "@fastify/helmet";
import staticFiles from "@fastify/static";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify from "fastify";
import { fromRoot } from "#runtime/root.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import { guard } from "./access.ts";
import type { ApiParts, App } from "./app.ts";
import { ApiFailure } from "./errors.ts";
import { hookRoutes } from "./intake.ts";
import { metrics } from "./metrics.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { deadLetterRoutes } from "./routes/deadLetters.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { flowRoutes } from "./routes/flows.ts";
import { runRoutes } from "./routes/runs.ts";
import { sampleRoutes } from "./routes/samples.ts";
import { systemRoutes } from "./routes/system.ts";

/** Management bodies are flows at most; a flow of thousands of nodes stays below this. */
const MAX_MANAGEMENT_BODY = 5_000_000;

/** Builds the HTTP server: designer, management API, webhooks, health and metrics. Not yet listening. */
export async function buildServer(parts: ApiParts): Promise<App> {
  const { settings, log } = parts.engine;
  const app = Fastify({
    loggerInstance: log.child({}, { level: "warn" }),
    bodyLimit: MAX_MANAGEMENT_BODY,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler) as unknown as App;
  errorHandling(app, settings.maxBodyBytes);
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
    parse(String(body), settings.maxJsonDepth, done),
  );
  await app.register(helmet, { contentSecurityPolicy: { directives: designerPolicy }, hsts: false });
  await app.register(swagger, {
    openapi: {
      info: { title: "Orderloom", version: parts.info.version, description: "Management API of Orderloom." },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
  });
  app.addHook("onRequest", guard(settings));
  await app.register(async (scope) => systemRoutes(scope as App, parts));
  await app.register(async (scope) => metrics(scope as App, parts));
  await app.register(async (scope) => hookRoutes(scope, { intake: parts.intake, maxBodyBytes: settings.maxBodyBytes }));
  await app.register(
    async (scope) => {
      for (const routes of [flowRoutes, deploymentRoutes, runRoutes, deadLetterRoutes, connectionRoutes, sampleRoutes]) {
        await scope.register(async (inner) => routes(inner as App, parts));
      }
    },
    { prefix: "/api/v1" },
  );
  await app.register(swaggerUi, { routePrefix: "/api/docs" });
  app.get("/api/openapi.json", { schema: { hide: true } }, () => app.swagger());
  await designer(app);
  return app;
}

/** The designer loads nothing from elsewhere; Mantine sets styles on elements. */
const designerPolicy = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", "data:"],
  fontSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  workerSrc: ["'self'", "blob:"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

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

function errorHandling(app: App, maxBodyBytes: number): void {
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const failure = toFailure(error, maxBodyBytes);
    if (failure.statusCode >= 500) request.log.error({ err: error, cause: error.cause }, failure.message);
    if (failure.retryAfterSeconds !== undefined) reply.header("retry-after", String(failure.retryAfterSeconds));
    return reply.code(failure.statusCode).send(failure.toBody());
  });
}

function toFailure(error: Error & { statusCode?: number; code?: string }, maxBodyBytes: number): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return new ApiFailure("bodyTooLarge", { limit: maxBodyBytes });
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new ApiFailure("badRequest", { detail: error.message });
  return new ApiFailure("internal", { detail: error.message }, { cause: error });
}

/** Serves the built designer; every other address without a file is one of its screens. */
async function designer(app: App): Promise<void> {
  const root = fromRoot("dist/designer");
  const built = existsSync(root);
  if (built) await app.register(staticFiles, { root, wildcard: false, immutable: true, maxAge: "30d", index: false });
  app.setNotFoundHandler((request, reply) => {
    const screen = request.method === "GET" && !/^\/(api|hooks|services)\//.test(request.url);
    if (screen && built) return reply.header("cache-control", "no-cache").sendFile("index.html", { immutable: false, maxAge: 0 });
    const failure = new ApiFailure("notFound", { what: `${request.method} ${request.url.split("?")[0]}` });
    return reply.code(404).send(failure.toBody());
  });
}
