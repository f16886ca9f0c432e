import { evaluateExpression } from "#nodes/expression/expression.ts";
import { renderTemplate } from "#nodes/expression/template.ts";
import { FormatError } from "#nodes/format/formatError.ts";
import type { Connector } from "#schemas/connector.ts";
import { JsonError } from "#schemas/json.ts";
import type { ConnectorSimulator, SimulatorRoute } from "#schemas/simulator.ts";
import type { SimulatorHandshake } from "#schemas/simulatorHook.ts";
import { type AuthorizationCheck, authorizationCheck, type Credentials } from "./authorization.ts";
import { knowsItself, type Told, tellSubscribers } from "./hooks.ts";
import type { Ledger, LedgerRow } from "./ledger.ts";
import { Limit, type Saying } from "./limit.ts";
import { bodyOf } from "./requestBody.ts";
import { csrfGate, sessionDesk } from "./sessionDesk.ts";
import { messageSignatureFault } from "./signatures.ts";
import { surroundingsOf } from "./surroundings.ts";
import { type Desk, oauth2Desk } from "./tokenDesk.ts";

/** One system of the sandbox: a connector's simulator routes, behind its own credentials. */
export interface SandboxConnection extends Credentials {
  /** The name under which it is reached: `http://127.0.0.1:<port>/<name>`. */
  name: string;
  connector: Connector;
  /** Of a partner with whom files are exchanged: the folder of this machine that both reach, such as an SFTP server's. */
  files?: string;
}

export interface SimulatedRequest {
  method: string;
  /** As the caller wrote it, for signatures. */
  url: string;
  /** Below the connection's base, decoded by part. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | undefined>;
  body: string;
}

export interface SimulatedAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON; absent for no body. */
  body?: unknown;
  /** Whether something was written. */
  applied: boolean;
}

type Context = Record<string, unknown>;

interface CompiledRoute {
  route: SimulatorRoute;
  pattern: RegExp;
  names: string[];
  limit: Limit | undefined;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

type Shared = ReadonlyMap<string, Limit>;

const sharedLimits = ({ limits = {} }: Pick<ConnectorSimulator, "limits">, now: () => number): Shared =>
  new Map(Object.entries(limits).map(([name, limit]) => [name, new Limit(limit, now)]));

function compileRoute(route: SimulatorRoute, shared: Shared, now: () => number): CompiledRoute {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const pattern = route.path
    .split(/\{\w+\}/)
    .map(escapeRegExp)
    .join("([^/]+)");
  const { limit } = route;
  const own = typeof limit === "string" ? shared.get(limit) : limit && new Limit(limit, now);
  return { route, pattern: new RegExp(`^${pattern}$`), names, limit: own };
}

/** The address of the system itself, for addresses that it gives out. */
function baseOf({ url, path }: SimulatedRequest): string {
  const { origin, pathname } = new URL(url);
  return origin + (pathname.endsWith(path) ? pathname.slice(0, -path.length) : "");
}

const refused = (status: number, message: string): SimulatedAnswer => ({
  status,
  headers: {},
  // The shapes in which the systems of the sandbox say no; each connector reads its own.
  body: {
    title: message,
    status,
    "o:errorDetails": [{ detail: message, "o:errorCode": status === 401 ? "INVALID_LOGIN" : "SANDBOX" }],
    errors: [{ message }],
  },
  applied: false,
});

function deskOf(connection: SandboxConnection, now: () => number): Desk | undefined {
  const { auth, simulator } = connection.connector;
  if (auth.type === "oauth2") {
    return oauth2Desk(connection.name, auth, connection, { now, tokenSeconds: simulator?.tokenSeconds });
  }
  return auth.type === "session" ? sessionDesk(auth, connection) : undefined;
}

/** Answers requests as the system behind a connector would. */
export class Simulator {
  readonly #connection: SandboxConnection;
  readonly #routes: CompiledRoute[];
  readonly #authorize: AuthorizationCheck;
  readonly #desk: Desk | undefined;
  /** Of its further kinds of tokens. */
  readonly #desks: Desk[];
  readonly #gate: ReturnType<typeof csrfGate> | undefined;
  readonly #ledger: (name: string) => Promise<Ledger>;
  readonly #limit: Limit | undefined;
  /** Requests that are being answered. */
  #under = 0;
  readonly #now: () => number;

  /** `now` in milliseconds of the epoch: tests let it run. */
  constructor(connection: SandboxConnection, ledger: (name: string) => Promise<Ledger>, now: () => number = Date.now) {
    this.#connection = connection;
    this.#now = now;
    const { simulator } = connection.connector;
    this.#limit = simulator?.limit && new Limit(simulator.limit, now);
    const shared = sharedLimits(simulator ?? {}, now);
    this.#routes = (simulator?.routes ?? []).map((route) => compileRoute(route, shared, now));
    const { auth, csrf } = connection.connector;
    this.#desk = deskOf(connection, now);
    this.#desks = Object.values(connection.connector.auths ?? {}).map((each) =>
      oauth2Desk(connection.name, each, connection, { now, tokenSeconds: simulator?.tokenSeconds }),
    );
    this.#gate = csrf && csrfGate(csrf);
    this.#authorize = this.#desk?.check ?? authorizationCheck(auth, connection);
    this.#ledger = ledger;
  }

  async answer(request: SimulatedRequest): Promise<SimulatedAnswer> {
    const given = await this.#desk?.answer(request, () => this.#routed(request));
    if (given !== undefined) return given;
    for (const desk of this.#desks) {
      const other = await desk.answer(request, () => this.#routed(request));
      // What one refuses may be the next one's to give.
      if (other?.status === 200) return other;
    }
    const open = this.#connection.connector.simulator?.open?.some((path) => request.path.startsWith(path)) ?? false;
    const denied = open ? undefined : await this.#denied(request);
    if (denied !== undefined) return refused(401, denied);
    const route = async (): Promise<SimulatedAnswer> => this.#admitting(request, await this.#routed(request));
    return this.#placed(() => (this.#gate ? this.#gate(request, route) : route()));
  }

  /** Why it lets a request not in: each kind of token opens it. */
  async #denied(request: SimulatedRequest): Promise<string | undefined> {
    for (const desk of this.#desks) if ((await desk.check(request)) === undefined) return undefined;
    return this.#authorize(request);
  }

  /** Answers unless as many are being answered as the system takes at once. */
  async #placed(answer: () => Promise<SimulatedAnswer>): Promise<SimulatedAnswer> {
    const { concurrency } = this.#connection.connector.simulator ?? {};
    if (concurrency && this.#under >= concurrency.most) {
      const { status, body } = concurrency.refuse;
      return { status, headers: {}, body: await this.#evaluate(body, {}), applied: false };
    }
    this.#under += 1;
    try {
      return await answer();
    } finally {
      this.#under -= 1;
    }
  }

  /** A restricted token that the system gave opens it as well. */
  async #admitting(request: SimulatedRequest, answer: SimulatedAnswer): Promise<SimulatedAnswer> {
    const { restricted } = this.#connection.connector;
    if (restricted === undefined || request.path !== restricted.path || answer.status !== 200) return answer;
    const [token, seconds] = [
      await this.#evaluate(restricted.token, { ...answer }),
      await this.#evaluate(restricted.expiresIn, { ...answer }),
    ];
    this.#desk?.admit?.(String(token), Number(seconds));
    return answer;
  }

  async #routed(request: SimulatedRequest): Promise<SimulatedAnswer> {
    let body: unknown;
    try {
      body = await bodyOf(request);
    } catch (raw) {
      if (raw instanceof JsonError || raw instanceof FormatError) return refused(400, raw.message);
      throw raw;
    }
    for (const { route, pattern, names, limit } of this.#routes) {
      const match = route.method === request.method ? pattern.exec(request.path) : null;
      if (!match) continue;
      const path = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]));
      const signed = await this.#signed(request);
      const context: Context = { base: baseOf(request), path, query: request.query, headers: request.headers, body, ...signed };
      if (route.when !== undefined && (await this.#evaluate(route.when, context)) !== true) continue;
      return this.#within([this.#limit, limit], context, () => this.#play(route, context));
    }
    return refused(404, `${this.#connection.name} has no address ${request.method} ${request.path}.`);
  }

  /** What routes see of the request's message signature: what is wrong with it, if anything is. */
  async #signed(request: SimulatedRequest): Promise<Context> {
    const { messageSignature } = this.#connection.connector;
    const fault = messageSignature && (await messageSignatureFault(messageSignature, this.#connection, request));
    return fault === undefined ? {} : { signatureFault: fault };
  }

  /** The route's answer with what the limits say of themselves, or the refusal of the first that has nothing left. */
  #within(
    [limit, ...rest]: (Limit | undefined)[],
    context: Context,
    play: () => Promise<SimulatedAnswer>,
  ): Promise<SimulatedAnswer> {
    const inner = rest.length === 0 ? play : () => this.#within(rest, context, play);
    const say: Saying = {
      evaluate: (expression, seen) => this.#evaluate(expression, seen),
      headers: (templates, seen) => this.#headers(templates, seen),
    };
    return limit ? limit.pass(context, say, inner) : inner();
  }

  async #headers(templates: Readonly<Record<string, string>> | undefined, context: Context): Promise<Record<string, string>> {
    const headers: Record<string, string> = {};
    for (const [name, template] of Object.entries(templates ?? {})) {
      headers[name.toLowerCase()] = await renderTemplate(template, context, this.#surroundings());
    }
    return headers;
  }

  async #play(route: SimulatorRoute, context: Context): Promise<SimulatedAnswer> {
    const ledger = route.ledger && (await this.#ledger(route.ledger.name));
    const count = ledger?.rows().length ?? 0;
    const key = route.ledger ? String((await this.#evaluate(route.ledger.key, { ...context, count })) ?? "") : "";
    const known = ledger?.get(key);
    const records = route.ledger?.write === "list" ? { records: ledger?.rows().map((row) => row.record) } : {};
    const about = await this.#about(route.about ?? {}, context);
    let seen: Context = { ...context, count, key, record: known?.record, sequence: known?.sequence, about, ...records };
    for (const rule of route.refuse ?? []) {
      if ((await this.#evaluate(rule.when, seen)) !== true) continue;
      return { status: rule.status, headers: {}, body: await this.#evaluate(rule.body, seen), applied: false };
    }
    const stranger = route.handshake && (await this.#shake(route.handshake, seen));
    if (stranger) return stranger;
    const { write, record, amount } = route.ledger ?? {};
    const applied = ledger !== undefined && (write === "upsert" || write === "create" || write === "once");
    if (applied) {
      if (key === "") return refused(400, "The request names no record.");
      const money = amount === undefined ? undefined : await this.#evaluate(amount, seen);
      const row = await ledger.write({
        write,
        key,
        record: record === undefined ? context.body : await this.#evaluate(record, seen),
        amount: money === undefined || money === null ? null : String(money),
      });
      seen = { ...context, count, key, record: row.record, sequence: row.sequence };
    }
    return { ...(await this.#respond(route.respond, seen)), applied };
  }

  /** What further ledgers hold of what the request is about. */
  async #about(about: Readonly<Record<string, string>>, context: Context): Promise<Context> {
    const found: Context = {};
    for (const [name, expression] of Object.entries(about)) {
      const records = (await this.#ledger(name)).rows().map(({ record }) => record);
      found[name] = await this.#evaluate(expression, { ...context, records });
    }
    return found;
  }

  async #shake(handshake: SimulatorHandshake, seen: Context): Promise<SimulatedAnswer | undefined> {
    const address = await this.#evaluate(handshake.address, seen);
    if (typeof address === "string" && (await knowsItself(address, handshake.query))) return undefined;
    const { status, body } = handshake.refuse;
    return { status, headers: {}, body: await this.#evaluate(body, seen), applied: false };
  }

  /** Tells those who subscribed of a record that has come to stand by itself. */
  async tell(ledger: string, row: LedgerRow): Promise<Told[]> {
    const hooks = (this.#connection.connector.simulator?.hooks ?? []).filter((hook) => hook.ledger === ledger);
    const told: Told[] = [];
    for (const hook of hooks) {
      const subscriptions = (await this.#ledger(hook.subscriptions)).rows().map(({ record }) => record);
      told.push(...(await tellSubscribers(this.#connection, hook, { row, subscriptions, now: this.#now() })));
    }
    return told;
  }

  async #respond(respond: SimulatorRoute["respond"], context: Context): Promise<Omit<SimulatedAnswer, "applied">> {
    const headers = await this.#headers(respond.headers, context);
    const body = respond.body === undefined ? undefined : await this.#evaluate(respond.body, context);
    return { status: respond.status, headers, ...(body === undefined ? {} : { body }) };
  }

  #evaluate(expression: string, context: Context): Promise<unknown> {
    return evaluateExpression(expression, context, this.#surroundings());
  }

  #surroundings() {
    return surroundingsOf(this.#connection, this.#now());
  }
}
