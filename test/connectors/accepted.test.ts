import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, operationOf } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-accepted-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("an order of Mirakl is accepted once: in doubt it is asked whether it was, for it takes no second answer", async () => {
  const connector = connectorOf("mirakl");
  const known = connectionOf(connector);
  const { render, read } = operationOf(connector, "acceptOrder", known);
  const waiting = readJson("./samples/mirakl.ordersChanged.waiting.json") as Record<string, unknown>;
  const simulated = new Simulated(connector, known, folder);
  const key = String(waiting.order_id);
  await simulated.put("orders", key, waiting);
  const { request, lookup, idempotency } = await render(waiting);
  expect(idempotency).toBe("lookup");
  if (!lookup) throw new Error("Nothing is asked in doubt.");
  const asked = async () => read(waiting, await simulated.answer(lookup), "lookup");

  expect(await asked()).toMatchObject({ ok: true, found: false });
  expect(await read(waiting, await simulated.answer(request))).toMatchObject({ ok: true, result: { accepted: true } });
  // As after an answer that was lost.
  expect(await asked()).toMatchObject({ ok: true, found: true, result: { accepted: true } });
  expect(await read(waiting, await simulated.answer(request))).toMatchObject({ ok: false, class: "rejected" });

  await simulated.put("orders", key, { ...waiting, order_state: "REFUSED" });
  expect(await asked()).toMatchObject({ ok: true, found: false });
  await simulated.close();
});
