import type { RestrictedToken } from "#schemas/auth.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connector } from "#schemas/connector.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { baseUrl, type ConnectionContext, fillIn } from "../connection.ts";
import type { Obtainable } from "./credential.ts";
import type { Evaluate, RequestToAuthorize } from "./means.ts";
import type { Proof } from "./place.ts";
import { readCredential } from "./readCredential.ts";

/** A token is on its way for a while, and two clocks differ. */
const EARLY_S = 60;

/** Enough of a hash to tell a connector's few sets of resources apart. */
const NAME_LENGTH = 16;

interface Asked {
  restricted: RestrictedToken;
  /** What the operation may reach with it. */
  resources: readonly unknown[];
  context: ConnectionContext;
  renewOn: Obtainable["renewOn"];
  /** By the connection's own auth. */
  proof: (request: RequestToAuthorize) => Promise<Proof>;
  evaluate: Evaluate;
}

/** A token for data about persons, asked for with the proof that the connection's auth gives; one for each set of resources. */
export function restrictedCredential(
  connector: Connector,
  { restricted, resources, context, renewOn, proof, evaluate }: Asked,
): Obtainable {
  return {
    kind: `restricted ${sha256Hex(canonicalJson(resources)).slice(0, NAME_LENGTH)}`,
    refreshOf: "",
    renewOn,
    async request() {
      const body = JSON.stringify(await evaluate(restricted.body, { resources }));
      const url = new URL(baseUrl(connector, context.config, restricted.base) + fillIn(restricted.path, context));
      const plain = { accept: "application/json", "content-type": "application/json" };
      const { headers, query } = await proof({ method: "POST", url: url.href, headers: plain, body });
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const hidden = [...Object.values(headers), ...Object.values(query)];
      return { method: "POST", url: url.href, headers: { ...plain, ...headers }, body, hidden };
    },
    read: (answer, askedAt, run) =>
      readCredential(
        { system: connector.title, token: restricted.token, expiresIn: restricted.expiresIn, earlyS: EARLY_S },
        answer,
        context,
        askedAt,
        run,
      ),
  };
}
