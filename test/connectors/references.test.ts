import { expect, it } from "vitest";
import { readJson, runMapping } from "./mapping.fixture.ts";
import type { Exchange } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** Two keys that one sum of nine digits makes the same number of, as it did of five in a hundred thousand. */
const alike = ["0124q118", "01vncxy7"];

it.each([
  ["edifact.orders.jsonata", "edifact.sendOrder.json"],
  ["edifact.desadv.jsonata", "edifact.sendDespatchAdvice.json"],
])("%s gives a document the same control reference each time, and no other document the same", async (mapping, file) => {
  const { item } = readJson(`./samples/${file}`) as Exchange;
  const connection = { senderId: "4012345000009", partnerId: "4098765000004" };
  const referenceOf = async (effectKey: string): Promise<unknown> =>
    ((await runMapping(mapping, item, { effectKey, connection })) as Tree).control;
  const [one, other] = [await referenceOf(alike[0] as string), await referenceOf(alike[1] as string)];
  expect(one).toMatch(/^[0-9A-Z]{12}$/);
  expect(other).toMatch(/^[0-9A-Z]{12}$/);
  expect(other).not.toBe(one);
  expect(await referenceOf(alike[0] as string)).toBe(one);
  // Of keys as they are, which differ in a few places.
  const keys = Array.from({ length: 60 }, (_, n) => `prod/4012345000009/edifact.sendOrder/${5_901_234_567_000 + n}/create`);
  const references = await Promise.all(keys.map(referenceOf));
  expect(new Set(references).size).toBe(keys.length);
});
