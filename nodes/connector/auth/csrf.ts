import type { Csrf } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { baseUrl, type ConnectionContext, fillIn } from "../connection.ts";
import type { Obtainable } from "./credential.ts";
import type { RequestToAuthorize } from "./means.ts";
import type { Proof } from "./place.ts";
import { readCredential } from "./readCredential.ts";

/** What asks for a token, and what a refusal for the lack of one says, in the header. */
const FETCH = "Fetch";

const reading = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request of this method has to carry a token. */
export const needsCsrf = (csrf: Csrf | undefined, method: string): csrf is Csrf => csrf !== undefined && !reading.has(method);

/** A token against forged requests, fetched with the proof that the connection's auth gives. */
export function csrfCredential(
  connector: Connector,
  csrf: Csrf,
  context: ConnectionContext,
  proof: (request: RequestToAuthorize) => Promise<Proof>,
): Obtainable {
  const header = csrf.header.toLowerCase();
  return {
    kind: "csrf",
    refreshOf: "",
    renewOn: csrf.renewOn ?? [{ status: [403], when: `$lowercase(headers.'${header}') = 'required'` }],
    async request() {
      const url = new URL(baseUrl(connector, context.config, csrf.base) + fillIn(csrf.path, context));
      const { headers, query } = await proof({ method: "GET", url: url.href, headers: {}, body: null });
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return {
        method: "GET",
        url: url.href,
        headers: { accept: "application/json", ...headers, [header]: FETCH },
        body: null,
        hidden: [...Object.values(headers), ...Object.values(query)],
      };
    },
    read: (answer, askedAt, evaluate) =>
      readCredential(
        { system: connector.title, token: `headers.'${header}'`, lifetimeS: csrf.lifetimeSeconds, earlyS: 0 },
        answer,
        context,
        askedAt,
        evaluate,
      ),
  };
}
