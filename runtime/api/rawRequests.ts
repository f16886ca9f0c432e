import { gunzipSync } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiFailure } from "./errors.ts";
import type { Delivery } from "./intake.ts";

/** What names a source in an address. */
export interface SourceAddress {
  environment: string;
  flow: string;
  node: string;
}

/** Gives routes the bodies as they came: a signature is over the bytes; nothing may parse them first. */
export function takeRawBodies(app: FastifyInstance, maxBodyBytes: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: maxBodyBytes }, (_request, body, done) => done(null, body));
}

/** What a request brought to a source. */
export function deliveryOf(request: FastifyRequest<{ Params: SourceAddress }>, maxBodyBytes: number): Delivery {
  const { environment, flow, node } = request.params;
  const raw = unpacked(request, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), maxBodyBytes);
  return { environment, flow, node, headers: headersOf(request), query: request.query as Record<string, unknown>, raw };
}

const headersOf = (request: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );

/** Senders that compress sign the uncompressed body. */
function unpacked(request: FastifyRequest, body: Buffer, limit: number): Buffer {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return body;
  if (encoding !== "gzip") throw new ApiFailure("unsupportedEncoding", { encoding });
  try {
    return gunzipSync(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new ApiFailure("bodyTooLarge", { limit });
    throw new ApiFailure("bodyNotJson", { detail: "it is not gzip although its content-encoding says so." });
  }
}
