import { existsSync } from "node:fs";
import staticFiles from "@fastify/static";
import { fromRoot } from "#runtime/root.ts";
import type { App } from "./app.ts";
import { ApiFailure } from "./errors.ts";
import { shortened } from "./failures.ts";

/** Addresses below these are never a screen of the designer. */
const noScreen = /^\/(api|hooks|services|assets)\//;

/**
 * Serves the built designer; every other address without a file is one of its screens. Files are looked up with each
 * request, so that a designer built again is served at once.
 */
export async function designer(app: App): Promise<void> {
  const root = fromRoot("dist/designer");
  const built = existsSync(root);
  if (built) {
    await app.register(staticFiles, {
      root,
      index: false,
      cacheControl: false,
      setHeaders: (response, path) => {
        // Built files carry the hash of what is in them in their name.
        const forever = path.startsWith(fromRoot("dist/designer/assets"));
        response.setHeader("cache-control", forever ? "public, max-age=2592000, immutable" : "no-cache");
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const screen = (request.method === "GET" || request.method === "HEAD") && !noScreen.test(request.url);
    if (screen && built && request.url !== "/index.html") return reply.sendFile("index.html");
    const failure = new ApiFailure("notFound", { what: `${request.method} ${shortened(request.url)}` });
    return reply.code(404).send(failure.toBody());
  });
}
