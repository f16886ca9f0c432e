import { generateKeyPairSync, sign } from "node:crypto";
import { Provider } from "oidc-provider";

/** A real OpenID provider in a process of its own. It is told port, client and people by messages, and says when it is ready. */

/** By login: what the provider says of each; replaced by every message. */
let people = {};
/** Null for ID tokens as they are; else other `claims` in them, signed by the provider's key or by one that is not its own. */
let forge = null;

const keys = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const [own, foreign] = [keys(), keys()];

process.on("message", async (told) => {
  people = told.people;
  forge = told.forge ?? null;
  if (told.port) await start(told);
  process.send("ready");
});

function start({ port, client }) {
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [client],
    jwks: { keys: [{ ...own.export({ format: "jwk" }), kid: "own", use: "sig", alg: "RS256" }] },
    scopes: ["openid", "profile", "groups"],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], groups: ["groups"] },
    cookies: { keys: ["of a test"] },
    pkce: { required: () => true },
    findAccount: (_context, login) => ({ accountId: login, claims: () => ({ sub: login, ...people[login] }) }),
    // Nobody is asked whether the designer may know the name.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile groups");
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (forge && context.oidc?.route === "token") context.body.id_token = forged(context.body.id_token);
  });
  return new Promise((resolve) => provider.listen(port, "localhost", resolve));
}

function forged(token) {
  const [head, body] = token.split(".");
  const claims = { ...JSON.parse(Buffer.from(body, "base64url").toString()), ...forge.claims };
  const said = `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${said}.${sign("sha256", Buffer.from(said), forge.foreign ? foreign : own).toString("base64url")}`;
}
