import { Provider } from "oidc-provider";

/** A real OpenID provider in a process of its own. It is told port, client and people by messages, and says when it is ready. */

/** By login: what the provider says of each; replaced by every message. */
let people = {};

process.on("message", async (told) => {
  people = told.people;
  if (told.port) await start(told);
  process.send("ready");
});

function start({ port, client }) {
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [client],
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
  return new Promise((resolve) => provider.listen(port, "localhost", resolve));
}
