import fc from "fast-check";
import { expect, test } from "vitest";
import { manifests, validFlow } from "../sampleFlow.fixture.ts";
import { validateSample } from "./sample.ts";

const sample = () => ({
  name: "two-lines",
  title: "Two lines",
  source: "orders",
  headers: {},
  input: { id: 1 },
  expect: { outcome: "SUCCEEDED", ports: { erp: { in: { id: 1 } }, route: { ship: { id: 1 } } } } as Record<string, unknown>,
});
const context = { flow: validFlow(), manifests };

test("a sound sample has no problems, with and without its flow", () => {
  expect(validateSample(sample())).toEqual([]);
  expect(validateSample(sample(), context)).toEqual([]);
});

const cases: [string, Record<string, unknown>, string, string, string][] = [
  ["no input", { input: undefined }, "schema.required", "/input", '"input"'],
  [
    "an outcome that does not exist",
    { expect: { outcome: "succeeded" } },
    "schema.anyOf",
    "/expect/outcome",
    'Did you mean "SUCCEEDED"?',
  ],
  ["a source that the flow does not have", { source: "order" }, "sample.unknownNode", "/source", 'Did you mean "orders"?'],
  ["a source that is none", { source: "erp" }, "sample.noSource", "/source", '"orders"'],
  ["a node it cannot end at", { expect: { outcome: "invalid", node: "wms" } }, "sample.unknownNode", "/expect/node", '"wms"'],
  ["an answer of a node that is not there", { answers: { erq: { status: 200 } } }, "sample.unknownNode", "/answers/erq", '"erp"'],
  ["a later message for a node that is not there", { messages: { held: 1 } }, "sample.unknownNode", "/messages/held", '"held"'],
  ["a later message for a node that does not wait", { messages: { erp: {} } }, "sample.noWait", "/messages/erp", "no wait nodes"],
  [
    "a port that is not there",
    { expect: { outcome: "SUCCEEDED", ports: { erp: { uot: 1 } } } },
    "sample.unknownPort",
    "/expect/ports/erp/uot",
    '"in", "out" and "result"',
  ],
];

test.each(cases)("one sentence for %s", (_name, edit, code, pointer, says) => {
  const document: unknown = JSON.parse(JSON.stringify({ ...sample(), ...edit }));
  const problems = validateSample(document, context);
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
  expect(`${problems[0]?.message} ${problems[0]?.hint ?? ""}`).toContain(says);
});

test("never throws, whatever it is given", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("source", "expect", "headers", "messages"), (value, part) => {
      validateSample(value, context);
      validateSample({ ...sample(), [part]: value }, context);
      validateSample({ ...sample(), expect: { outcome: "SUCCEEDED", ports: value } }, context);
    }),
  );
});
