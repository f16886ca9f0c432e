import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerFailure, asAnswer } from "#nodes/connector/answer.ts";
import { matchingRule } from "#nodes/connector/errorRules.ts";
import { leaveAloneMs } from "#nodes/connector/rateHint.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { Connector } from "#schemas/connector.ts";
import { parseJson } from "#schemas/json.ts";
import { Ledger } from "./ledger.ts";
import { type SimulatedAnswer, Simulator } from "./simulator.ts";
import { throttle } from "./throttle.ts";

describe("throttle", () => {
  it("lets no more through in any time than the burst and what has flowed in since", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        (waits, burst, perSecond) => {
          let time = 0;
          const { take } = throttle({ perSecond, burst }, () => time);
          const passed: number[] = [];
          for (const wait of waits) {
            time += wait;
            if (take().allowed) passed.push(time);
          }
          passed.forEach((from, first) => {
            const within = passed.slice(first).filter((at) => at - from <= 60_000);
            const last = within.at(-1) ?? from;
            expect(within.length).toBeLessThanOrEqual(burst + ((last - from) * perSecond) / 1000 + 1e-6);
          });
        },
      ),
    );
  });

  it("says when the next one fits, and is right", () => {
    let time = 0;
    const { take } = throttle({ perSecond: 0.0056, burst: 2 }, () => time);
    take();
    expect(take()).toMatchObject({ allowed: true, remaining: 0, waitSeconds: 178.572 });
    time = 178_571;
    expect(take().allowed).toBe(false);
    time = 178_572;
    expect(take().allowed).toBe(true);
  });
});

let folder: string;
let time: number;
const ledgers: Ledger[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-throttle-"));
  time = Date.parse("2026-03-01T12:00:00Z");
});
afterEach(async () => {
  for (const ledger of ledgers.splice(0)) await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

const connectors = new URL("../../nodes/connectors/", import.meta.url);
const connectorOf = async (id: string): Promise<Connector> =>
  parseJson(await readFile(new URL(`${id}.connector.json`, connectors), "utf8")) as Connector;

const known: Record<
  string,
  { config: Record<string, unknown>; secrets: Record<string, string>; token: [path: string, header: string] }
> = {
  amazon: {
    config: { sellerId: "A2NORTHWIND00", region: "na", marketplaceIds: "ATVPDKIKX0DER" },
    secrets: { clientId: "id", clientSecret: "secret", refreshToken: "refresh" },
    token: ["/auth/o2/token", "x-amz-access-token"],
  },
  walmart: {
    config: { partnerId: "10001234567" },
    secrets: { clientId: "id", clientSecret: "secret" },
    token: ["/v3/token", "wm_sec.access_token"],
  },
};

/** A simulated system under a clock that only the test moves. */
async function simulated(id: string) {
  const connector = await connectorOf(id);
  const { config, secrets, token } = known[id] as (typeof known)[string];
  const open = async (name: string): Promise<Ledger> => {
    const ledger = await Ledger.open(join(folder, `${name}.jsonl`));
    ledgers.push(ledger);
    return ledger;
  };
  const simulator = new Simulator({ name: id, connector, config, secrets }, open, () => time);
  const send = (method: string, path: string, query: Record<string, string>, headers: Record<string, string>, body = "") =>
    simulator.answer({ method, url: `http://sandbox/${id}${path}`, path, query, headers, body });
  const { clientId = "", clientSecret = "", refreshToken = "" } = secrets;
  const login = async (): Promise<Record<string, string>> => {
    const fields = { grant_type: "x", client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken };
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    const form = { "content-type": "application/x-www-form-urlencoded", authorization: basic };
    const { body } = await send("POST", token[0], {}, form, new URLSearchParams(fields).toString());
    return { [token[1]]: (body as { access_token: string }).access_token };
  };
  const evaluate = (expression: string, input: unknown) =>
    evaluateExpression(expression, input, {
      clock: { runId: "r", now: new Date(time).toISOString(), seed: "s", sourceNode: "n" },
      salt: "test",
      variables: {},
    });
  /** What the connector makes of a refusal. */
  const read = async ({ status, headers, body }: SimulatedAnswer) => {
    const answer = asAnswer({ status, headers, body: JSON.stringify(body) });
    return answerFailure(connector.title, answer, await matchingRule(connector.errors, answer, evaluate), evaluate);
  };
  const leave = ({ status, headers, body }: SimulatedAnswer) =>
    leaveAloneMs(
      connector.limits.hint,
      asAnswer({ status, headers: { ...headers, date: new Date(time).toUTCString() }, body: JSON.stringify(body) }),
      evaluate,
    );
  return { send, login, read, leave };
}

describe("the simulated marketplaces' true limits", () => {
  it("Amazon gives 20 pages of orders at once and then one each three minutes, as the connector reads it", async () => {
    const { send, login, read } = await simulated("amazon");
    const headers = await login();
    const query = {
      lastUpdatedAfter: "2026-03-01T00:00:00Z",
      maxResultsPerPage: "100",
      fulfillmentStatuses: "SHIPPED",
      fulfilledBy: "MERCHANT",
    };
    const ask = () => send("GET", "/orders/2026-01-01/orders", query, headers);
    for (let page = 0; page < 20; page++)
      expect(await ask()).toMatchObject({ status: 200, headers: { "x-amzn-ratelimit-limit": "0.0056" } });
    const refused = await ask();
    expect(refused).toMatchObject({
      status: 429,
      headers: { "x-amzn-ratelimit-limit": "0.0056" },
      body: { errors: [{ code: "QuotaExceeded" }] },
    });
    const failure = await read(refused);
    expect(failure).toMatchObject({ class: "rateLimited", retryAfterMs: 178_571 });
    // Another operation has a bucket of its own.
    expect((await send("GET", "/sellers/v1/marketplaceParticipations", {}, headers)).status).toBe(200);
    time += (failure.retryAfterMs ?? 0) + 1_000;
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
  });

  it("Amazon's token lives an hour", async () => {
    const { send, login, read } = await simulated("amazon");
    const headers = await login();
    const test = () => send("GET", "/sellers/v1/marketplaceParticipations", {}, headers);
    time += 3_599_000;
    expect((await test()).status).toBe(200);
    time += 1_000;
    const expired = await test();
    expect(expired.status).toBe(401);
    expect(await read(expired)).toMatchObject({ class: "auth" });
  });

  it("Walmart says what is left and when there is more, so that the connector stops before it must", async () => {
    const { send, login, leave, read } = await simulated("walmart");
    const headers = { ...(await login()), "wm_svc.name": "x", "wm_qos.correlation_id": "x" };
    const ask = () => send("GET", "/v3/token/detail", {}, headers);
    const answers: SimulatedAnswer[] = [];
    for (let request = 0; request < 200; request++) answers.push(await ask());
    expect(answers.map(({ status }) => status)).toEqual(Array(200).fill(200));
    expect(answers[0]?.headers["x-current-token-count"]).toBe("199");
    expect(await leave(answers[198] as SimulatedAnswer)).toBeUndefined();
    expect(await leave(answers[199] as SimulatedAnswer)).toBe(50);
    expect(await read(await ask())).toMatchObject({ class: "rateLimited" });
  });
});
