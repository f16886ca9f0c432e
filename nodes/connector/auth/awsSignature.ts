// Not for the browser: uses node:crypto.
import aws4 from "aws4";
import type { ConnectorAuth } from "#schemas/auth.ts";
import { type ConnectionContext, fillIn } from "../connection.ts";
import type { RequestToAuthorize } from "./means.ts";
import { headerProof, type Moment, type Proof } from "./place.ts";

type AwsSigV4 = Extract<ConnectorAuth, { type: "awsSigV4" }>;

/** 20260301T120000Z */
const amzDate = (now: Date): string => now.toISOString().replace(/[:-]|\.\d{3}/g, "");

/** AWS Signature Version 4 over host, time, type and body. */
export function awsProof(auth: AwsSigV4, context: ConnectionContext, request: RequestToAuthorize, moment: Moment): Proof {
  const { host, pathname, search } = new URL(request.url);
  const contentType = Object.entries(request.headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  const given = { Host: host, "X-Amz-Date": amzDate(moment.now), ...(contentType ? { "Content-Type": contentType } : {}) };
  const asked: Parameters<typeof aws4.sign>[0] & { extraHeadersToIgnore: object } = {
    host,
    method: request.method,
    path: pathname + search,
    service: auth.service,
    region: fillIn(auth.region, context),
    headers: given,
    // Whoever sends the request counts its length.
    extraHeadersToIgnore: { "content-length": true },
    ...(request.body === null ? {} : { body: request.body }),
  };
  const signed = aws4.sign(asked, {
    accessKeyId: fillIn(auth.accessKeyId, context),
    secretAccessKey: fillIn(auth.secretAccessKey, context),
    ...(auth.sessionToken === undefined ? {} : { sessionToken: fillIn(auth.sessionToken, context) }),
  });
  const headers = Object.entries(signed.headers ?? {}).flatMap(([name, value]): [string, string][] =>
    /^(authorization|x-amz-.*)$/i.test(name) ? [[name.toLowerCase(), String(value)]] : [],
  );
  return headerProof(Object.fromEntries(headers));
}
