import { fillIn } from "#nodes/connector/connection.ts";
import type { PublicKeys } from "#nodes/connector/verifyWebhook.ts";
import { crossing } from "#runtime/crashPoints.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Connector } from "#schemas/connector.ts";
import { parseJson } from "#schemas/json.ts";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";

type ByPublicKey = Extract<WebhookVerification, { type: "publicKey" }>;

/** A key is asked for again after so long: systems change theirs every few months. */
const KEPT_MS = 3_600_000;
/** An id that the system does not know is not asked for again so soon: anybody can make one up. */
const UNKNOWN_MS = 60_000;
/** Ids remembered; more come from somebody who makes them up. */
const MOST_KEPT = 1_000;
/** Ids of one connection asked for in one `UNKNOWN_MS`; a system has two or three keys. */
const MOST_ASKED = 20;

const TIMEOUT_MS = 5_000;

/** The public keys of senders, asked for over the connection and kept for a while by this process. */
export function publicKeys(parts: EngineParts, now: () => number = Date.now) {
  const kept = new Map<string, { key: Promise<string | undefined>; until: number }>();
  const asked = new Map<string, number[]>();

  const mayAsk = (connection: string): boolean => {
    const recent = (asked.get(connection) ?? []).filter((at) => at > now() - UNKNOWN_MS);
    const may = recent.length < MOST_ASKED;
    asked.set(connection, may ? [...recent, now()] : recent);
    return may;
  };

  const ask = async (verification: ByPublicKey, connector: Connector, connection: OpenConnection, keyId: string) => {
    const path = encodeURI(fillIn(verification.path, { config: connection.config, ...{ keyId } }));
    const { base } = verification;
    const request = {
      ...(base === undefined ? {} : { base }),
      method: "GET",
      path,
      query: {},
      headers: {},
      timeoutMs: TIMEOUT_MS,
    };
    const performed = await crossing("request.read", () => parts.http.perform(connector, connection, request));
    if (!performed.ok) throw new Error(performed.failure.reason.message);
    const { status, headers, body } = performed.response;
    if (status >= 500 || status === 429) throw new Error(`${connector.title} gave no public key (status ${status}).`);
    if (status !== 200) return undefined;
    const key = await parts.evaluators.expression({ text: verification.key, input: { status, headers, body: parseJson(body) } });
    return typeof key === "string" && key !== "" ? key : undefined;
  };

  return (verification: ByPublicKey, connector: Connector, connection: OpenConnection): PublicKeys =>
    async (keyId) => {
      const name = `${connection.id} ${keyId}`;
      const known = kept.get(name);
      if (known && known.until > now()) return known.key;
      if (!mayAsk(connection.id)) return undefined;
      if (kept.size >= MOST_KEPT) kept.clear();
      const entry = { key: ask(verification, connector, connection, keyId), until: now() + KEPT_MS };
      kept.set(name, entry);
      try {
        const key = await entry.key;
        if (key === undefined) entry.until = now() + UNKNOWN_MS;
        return key;
      } catch (error) {
        kept.delete(name);
        throw error;
      }
    };
}
