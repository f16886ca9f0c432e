import type { Configuration, CustomFetch } from "openid-client";
import { openWire } from "#runtime/engine/wire.ts";
import { OutOfReach, openReaches } from "#runtime/reach/reach.ts";
import type { Claims } from "./claims.ts";
import type { OidcSettings } from "./settings.ts";

/** A provider that answers later than this is taken for one that is away. */
const ANSWER_WITHIN_SECONDS = 10;

/** The provider gave no answer, or one that came too late. */
export class ProviderAway extends Error {
  override name = "ProviderAway";
}

/** What is known of a sign-in between the way there and the way back; it stays with the browser that began it. */
export interface Errand {
  state: string;
  nonce: string;
  verifier: string;
}

/** The OpenID provider of this installation, by the authorization code flow with a proof key. */
export interface Provider {
  /** Where the browser is led, and what has to come back. */
  begin(redirectUri: string): Promise<{ address: string; errand: Errand }>;
  /** Who came back to `address`. Throws for a code or an answer that is not the errand's. */
  finish(address: URL, errand: Errand): Promise<{ issuer: string; subject: string; claims: Claims }>;
  close(): Promise<void>;
}

/**
 * Loads the client when somebody signs in so, and asks the provider about itself once; again after it was away. The issuer
 * may stand inside the network: whoever runs the server has named it. What it says of its other addresses is held to `reach`.
 */
export function openProvider({ issuer, clientId, clientSecret, scope }: OidcSettings, reach: readonly string[]): Provider {
  const client = () => import("openid-client");
  const wire = openWire(openReaches([...reach, issuer.host]));
  let known: Promise<Configuration> | undefined;

  async function discover(): Promise<Configuration> {
    const { allowInsecureRequests, customFetch, discovery, enableNonRepudiationChecks } = await client();
    const execute = [enableNonRepudiationChecks, ...(issuer.protocol === "http:" ? [allowInsecureRequests] : [])];
    return discovery(issuer, clientId, clientSecret, undefined, {
      execute,
      timeout: ANSWER_WITHIN_SECONDS,
      [customFetch]: ask,
    });
  }

  const ask: CustomFetch = async (url, { method, headers, body }) => {
    const written = body === null || body === undefined ? null : String(body);
    const request = { method, url, headers, body: written, timeoutMs: ANSWER_WITHIN_SECONDS * 1_000, reach: [] };
    const answer = await wire.send(request).catch((error: unknown) => {
      if (error instanceof OutOfReach) throw error;
      throw new ProviderAway(error instanceof Error ? error.message : String(error), { cause: error });
    });
    // These may have no body at all.
    const empty = answer.status === 204 || answer.status === 304;
    return new Response(empty ? null : answer.body, { status: answer.status, headers: answer.headers });
  };

  function discovered(): Promise<Configuration> {
    const asked = known ?? discover();
    known = asked;
    asked.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked;
  }

  return {
    async begin(redirectUri) {
      const configuration = await discovered();
      const { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } =
        await client();
      const errand = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const address = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope,
        state: errand.state,
        nonce: errand.nonce,
        code_challenge: await calculatePKCECodeChallenge(errand.verifier),
        code_challenge_method: "S256",
      });
      return { address: address.href, errand };
    },

    async finish(address, { state, nonce, verifier }) {
      const configuration = await discovered();
      const { authorizationCodeGrant, fetchUserInfo } = await client();
      const tokens = await authorizationCodeGrant(configuration, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error("The provider sent no ID token.");
      // Many providers tell groups and names on their page about the user alone; it is checked to be of the same subject.
      const page = configuration.serverMetadata().userinfo_endpoint
        ? await fetchUserInfo(configuration, tokens.access_token, claims.sub)
        : {};
      return { issuer: claims.iss, subject: claims.sub, claims: { ...page, ...claims } };
    },

    close: () => wire.close(),
  };
}
