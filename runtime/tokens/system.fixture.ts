import { createServer, type Server } from "node:http";

/** What the system does, and what it was asked. */
export const system = {
  lifetimeS: 900,
  /** Refuses every request for a token. */
  revoked: false,
  refresh: "refresh-token-1",
  issued: 0,
  /** The tokens that are good now. */
  good: new Set<string>(),
  exchanges: [] as string[],
  calls: [] as { token: string; status: number }[],
  /** Lets the answers of the token endpoint go; undefined while they are not held up. */
  held: undefined as undefined | Promise<void>,
};

export function reset(): void {
  system.good.clear();
  Object.assign(system, {
    lifetimeS: 900,
    revoked: false,
    refresh: "refresh-token-1",
    exchanges: [],
    calls: [],
    held: undefined,
  });
}

const issue = (): string => {
  system.issued += 1;
  const token = `issued-token-${system.issued}`;
  system.good.add(token);
  return token;
};

type Reply = [status: number, body: unknown, headers?: Record<string, string | string[]>];

function exchanged(body: string): Reply {
  system.exchanges.push(body);
  const fields = new URLSearchParams(body);
  if (system.revoked || fields.get("refresh_token") !== system.refresh) {
    const echo = `The refresh token ${fields.get("refresh_token")} of ${fields.get("client_secret")} was revoked.`;
    return [400, { error: "invalid_grant", error_description: echo }];
  }
  // Each refresh token is good for once.
  system.refresh = `refresh-token-${system.issued + 2}`;
  return [200, { access_token: issue(), refresh_token: system.refresh, expires_in: system.lifetimeS }];
}

function replyTo(method: string, path: string, headers: Record<string, string | string[] | undefined>, body: string): Reply {
  if (path === "/token") return exchanged(body);
  if (path === "/login") {
    system.exchanges.push(body);
    return [200, { ok: true }, { "set-cookie": [`sid=${issue()}; Path=/`] }];
  }
  if (path === "/restricted") {
    system.exchanges.push(body);
    if (!system.good.has(String(headers["x-access-token"]))) return [401, {}];
    return [200, { restrictedDataToken: issue(), expiresIn: system.lifetimeS }];
  }
  if (path === "/fetch") {
    system.exchanges.push(String(headers["x-csrf-token"]));
    return [200, {}, { "x-csrf-token": issue(), "set-cookie": ["SAP_SESSIONID=s-1; path=/", "usercontext=c"] }];
  }
  const cookie = /sid=([^;]+)/.exec(String(headers.cookie ?? ""))?.[1];
  const token = String(headers["x-access-token"] ?? headers["x-csrf-token"] ?? cookie ?? "");
  const good = system.good.has(token) || (path === "/sap" && method === "GET");
  // What it was sent comes back, as careless systems do.
  const echo = { token, headers: Object.values(headers).join(" ") };
  const bad: Record<string, Reply> = {
    "/session": [200, { error: { code: 100 }, ...echo }],
    "/sap": [403, echo, { "x-csrf-token": "Required" }],
  };
  const reply = good ? ([200, echo] as Reply) : (bad[path] ?? [401, echo]);
  system.calls.push({ token, status: reply[0] });
  return reply;
}

/** A system that gives tokens, sessions and tokens against forged requests, and answers by them. */
export const server: Server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const path = request.url?.split("?")[0] ?? "";
    const [status, body, headers] = replyTo(request.method ?? "", path, request.headers, Buffer.concat(chunks).toString());
    if (path === "/token") await system.held;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  });
});
