import { randomUUID } from "node:crypto";
import { needsCsrf } from "#nodes/connector/auth/csrf.ts";
import { cookiesOf } from "#nodes/connector/auth/readCredential.ts";
import { filled } from "#nodes/connector/auth/session.ts";
import { fillIn, fillInAll } from "#nodes/connector/connection.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { Csrf, Session } from "#schemas/auth.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { parseJson } from "#schemas/json.ts";
import type { Credentials } from "./authorization.ts";
import type { SimulatedAnswer, SimulatedRequest } from "./simulator.ts";
import { type Desk, tokenIn } from "./tokenDesk.ts";

const CLOCK = { runId: "", now: "2026-01-01T00:00:00.000Z", seed: "", sourceNode: "" };

/** A login as the connector declares it: the system's own route answers it, and what that gives opens the system. */
export function sessionDesk(auth: Session, credentials: Credentials): Desk {
  const begun = new Set<string>();
  return {
    async answer(request, route) {
      const { method, path } = auth.login;
      if (request.method !== method || request.path !== fillIn(path, credentials)) return undefined;
      // A system with one address for everything, such as Tryton: who shows a session does not log in.
      if (tokenIn(auth.place, request) !== undefined) return undefined;
      if (!isLogin(auth.login, credentials, request)) return { status: 401, headers: {}, applied: false };
      const given = await route();
      const cookies = cookiesOf([given.headers["set-cookie"] ?? ""]);
      const seen = { status: given.status, headers: given.headers, body: given.body, cookies, config: credentials.config };
      begun.add(String(await evaluateExpression(auth.token, seen, { clock: CLOCK, salt: "", variables: {} })));
      return given;
    },
    check: (request) => (begun.has(tokenIn(auth.place, request) ?? "") ? undefined : "The session is unknown or has expired."),
  };
}

function isLogin({ body, form }: Session["login"], credentials: Credentials, request: SimulatedRequest): boolean {
  if (form) {
    const wanted = new URLSearchParams(fillInAll(form, credentials));
    return request.body === wanted.toString();
  }
  return body === undefined || canonicalJson(parseJson(request.body)) === canonicalJson(filled(body, credentials));
}

/** A token against forged requests: a read that asks gets one with its answer, a write without a good one is refused. */
export function csrfGate(
  csrf: Csrf,
): (request: SimulatedRequest, route: () => Promise<SimulatedAnswer>) => Promise<SimulatedAnswer> {
  const header = csrf.header.toLowerCase();
  const given = new Set<string>();
  return async (request, route) => {
    const sent = request.headers[header] ?? "";
    if (needsCsrf(csrf, request.method)) {
      if (given.has(sent) && request.headers.cookie?.includes(`guard=${sent}`)) return route();
      return {
        status: 403,
        headers: { [header]: "Required" },
        body: { message: "CSRF token validation failed" },
        applied: false,
      };
    }
    const answer = await route();
    if (sent.toLowerCase() !== "fetch") return answer;
    const token = randomUUID();
    given.add(token);
    return { ...answer, headers: { ...answer.headers, [header]: token, "set-cookie": `guard=${token}; Path=/` } };
  };
}
