// Not for the browser: uses node:crypto.
import { createHash, createHmac } from "node:crypto";
import type { Hmac } from "#schemas/auth.ts";
import { type ConnectionContext, fillIn } from "../connection.ts";
import type { Evaluate, RequestToAuthorize } from "./means.ts";
import { type Moment, momentNames, type Proof, placed } from "./place.ts";

/** Signs a request over the text that the connector makes of it. Throws where that text comes out empty. */
export async function hmacProof(
  auth: Hmac,
  context: ConnectionContext,
  request: RequestToAuthorize,
  moment: Moment,
  evaluate: Evaluate,
): Promise<Proof> {
  const text = await evaluate(auth.string, signedInput(request, context, moment));
  if (typeof text !== "string" || text === "") {
    throw new Error("The expression /auth/string gave no text to sign; correct it in the connector.");
  }
  const encoding = auth.keyEncoding ?? "text";
  const key = Buffer.from(fillIn(auth.key, context), encoding === "text" ? "utf8" : encoding);
  const signature = createHmac(auth.algorithm, key).update(text, "utf8").digest(auth.encoding);
  return placed(auth.place, context, moment, { signature });
}

/** What the text that is signed can be made of; header names in lower case. No secret is among it. */
function signedInput({ method, url, headers, body }: RequestToAuthorize, { config }: ConnectionContext, moment: Moment) {
  const { pathname, searchParams } = new URL(url);
  return {
    method,
    url,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: body ?? "",
    bodySha256: createHash("sha256")
      .update(body ?? "")
      .digest("hex"),
    config,
    ...momentNames(moment),
  };
}
