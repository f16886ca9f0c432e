import { expect, test } from "vitest";
import { outputPorts } from "./ports.ts";
import { manifests } from "./sampleFlow.fixture.ts";

test("a switch has a port for each case, then its own", () => {
  const type = manifests.switch;
  if (!type) throw new Error("no switch");
  const ports = outputPorts(type, {
    config: { cases: [{ port: "ship", title: "To ship" }, { port: "" }, null, "x", { port: "hold" }] },
  });
  expect(ports).toEqual([
    { name: "ship", title: "To ship" },
    { name: "hold", title: "hold" },
    { name: "otherwise", title: "otherwise" },
  ]);
  for (const config of [undefined, {}, { cases: "ship" }]) expect(outputPorts(type, { config })).toHaveLength(1);
});
