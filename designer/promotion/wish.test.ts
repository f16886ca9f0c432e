import { expect, test } from "vitest";
import { usualMessagesFrom, usualVersion } from "./wish.ts";

const [dev, staging, prod] = ["dev", "staging", "prod"].map((id, position) => ({ id, position })) as [
  { id: string; position: number },
  { id: string; position: number },
  { id: string; position: number },
];
const all = [dev, staging, prod];
const runs = (environment: string, number: number) => ({ environment, versions: [{ number, hash: "h", weight: 100 }] });

test("what is promoted is what the environment below runs, unless it was retired", () => {
  const deployed = [runs("dev", 5), runs("staging", 4), runs("prod", 3)];
  expect(usualVersion(all, prod, deployed, [5, 4, 3])).toBe(4);
  expect(usualVersion(all, prod, deployed, [5, 3])).toBe(5);
  expect(usualVersion(all, prod, [runs("dev", 3)], [5, 3])).toBe(3);
  expect(usualVersion(all, dev, deployed, [5, 4])).toBe(5);
  expect(usualVersion(all, dev, [], [])).toBeUndefined();
});

test("messages are the environment's own where it runs the flow, else those of the nearest below", () => {
  expect(usualMessagesFrom(all, prod, [runs("dev", 1), runs("prod", 1)])).toBe("prod");
  expect(usualMessagesFrom(all, prod, [runs("dev", 1)])).toBe("dev");
  expect(usualMessagesFrom(all, prod, [])).toBe("prod");
});
