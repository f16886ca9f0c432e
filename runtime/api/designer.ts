import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import staticFiles from "@fastify/static";
import type { FastifyReply } from "fastify";
import { fromRoot } from "#runtime/root.ts";
import type { App } from "./app.ts";
import { ApiFailure } from "./errors.ts";
import { shortened } from "./failures.ts";

/** Where it stands in the page as it is built; see vite.config.ts. */
const NONCE_PLACE = "orderloom-nonce";
/** 128 bits are not guessed. */
const NONCE_BYTES = 16;

/** Addresses below these are never a screen of the designer. */
const noScreen = /^\/(api|hooks|services|assets)\//;
/** The worker in which the designer runs drafts and expressions, as it is or packed. */
const evaluator = /\/evaluator\.worker-[\w-]+\.js(\.br|\.gz)?$/;
/**
 * It may make code, which is how schemas are checked fast, and may reach nobody: whatever an expression does, it can
 * tell no one. Modules that it is made of come from here.
 */
const evaluatorPolicy = "default-src 'none'; script-src 'self' 'unsafe-eval'";
/** What the designer is built into: files in its folder and in `assets`, no deeper. */
const plainFile = /^\/((?:assets\/)?[A-Za-z0-9_-][A-Za-z0-9_.-]*)(?:\?|$)/;

/**
 * Serves the built designer; every other address without a file is one of its screens. Files are looked up with each
 * request, so that a designer built again is served at once.
 */
export async function designer(app: App): Promise<void> {
  const root = fromRoot("dist/designer");
  const assets = join(root, "assets");
  await app.register(staticFiles, {
    root: fromRoot("dist"),
    serve: false,
    // The build leaves packed copies beside the files.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (response, path) => {
      // Assets carry the hash of what is in them in their name.
      response.setHeader("cache-control", path.startsWith(assets) ? "public, max-age=2592000, immutable" : "no-cache");
      response.setHeader("vary", "accept-encoding");
      if (evaluator.test(path)) response.setHeader("content-security-policy", evaluatorPolicy);
    },
  });
  app.setNotFoundHandler(async (request, reply) => {
    const reads = request.method === "GET" || request.method === "HEAD";
    const file = plainFile.exec(request.url)?.[1];
    if (reads && file !== undefined && file !== "index.html" && (await isFile(join(root, file))))
      return reply.sendFile(file, root);
    if (reads && !noScreen.test(request.url) && (await isFile(join(root, "index.html"))))
      return sendScreen(reply, await readFile(join(root, "index.html"), "utf8"));
    throw new ApiFailure("notFound", { what: `${request.method} ${shortened(request.url)}` });
  });
}

/**
 * The page with a nonce of its own, by which its code may add style sheets; CodeMirror also writes style attributes, which reach
 * nothing but their own element. It is kept nowhere: another answer has another nonce.
 */
function sendScreen(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const policy = String(reply.getHeader("content-security-policy"));
  const styles = `style-src 'self' 'nonce-${nonce}';style-src-attr 'unsafe-inline'`;
  return reply
    .header("content-security-policy", policy.replace("style-src 'self'", styles))
    .header("cache-control", "no-store")
    .type("text/html; charset=utf-8")
    .send(page.replaceAll(NONCE_PLACE, nonce));
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
