import { type Static, Type } from "typebox";
import { isObject } from "./isObject.ts";
import { OutcomeClass } from "./outcome.ts";
import { GivenRow, TableName } from "./referenceTable.ts";

/** A sample shows one message; it needs the rows of that one. */
const MOST_SAMPLE_ROWS = 500;

/** A sample message of a flow and what must become of it (`flows/samples/<flow>/<name>.sample.json`). */
export const FlowSample = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,63}$", description: "The file's name without `.sample.json`." }),
    title: Type.String({ minLength: 1, maxLength: 160 }),
    /** The source node through which the message comes. */
    source: Type.String(),
    /** As the source system sends them, names in lower case; a signature is added by whoever sends the sample. */
    headers: Type.Record(Type.String(), Type.String()),
    /** The body, JSON. Integers beyond 2^53 stand as numbers here too: read the file with `parseJson`. */
    input: Type.Unknown(),
    /**
     * By effect node: what its system answers to this sample. The connector's simulator answers where nothing stands. By
     * sub-flow node: what the other flow answers; the flow's file beside this one is run where nothing stands.
     */
    answers: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            status: Type.Integer({ minimum: 100, maximum: 599 }),
            headers: Type.Optional(Type.Record(Type.String(), Type.String())),
            body: Type.Optional(Type.Unknown()),
          },
          { additionalProperties: false },
        ),
      ),
    ),
    /** By name: rows of the reference tables that the flow looks things up in, as they are taken to stand. */
    tables: Type.Optional(Type.Record(TableName, Type.Array(GivenRow, { maxItems: MOST_SAMPLE_ROWS }))),
    /** By wait node: the later message, as it comes to the node's input `message`. Where nothing stands the item waits. */
    messages: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    expect: Type.Object(
      {
        /** `SUCCEEDED`, or the class of the dead letter. */
        outcome: Type.Union([Type.Literal("SUCCEEDED"), OutcomeClass]),
        /** The node at which it ends, when it does not succeed. */
        node: Type.Optional(Type.String()),
        /**
         * By node and port: what the port's one item must contain. Fields not named here may be anything, lists must
         * be as long as here; null for a port that carries nothing. Compare with `portDifferences`.
         */
        ports: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()))),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type FlowSample = Static<typeof FlowSample>;

/**
 * Where `found` lacks what a sample expects of it: one sentence for each place, none when all is there. An expected
 * null stands for null as well as for nothing.
 */
export function portDifferences(expected: unknown, found: unknown, pointer = ""): string[] {
  if (Array.isArray(expected) && Array.isArray(found)) {
    const length =
      expected.length === found.length ? [] : [`${pointer || "/"} has ${found.length} elements, not ${expected.length}.`];
    return [...length, ...expected.flatMap((value, index) => portDifferences(value, found[index], `${pointer}/${index}`))];
  }
  if (isObject(expected) && isObject(found)) {
    return Object.entries(expected).flatMap(([key, value]) => portDifferences(value, found[key], `${pointer}/${key}`));
  }
  if (expected === (found ?? null)) return [];
  return [`${pointer || "/"} is ${JSON.stringify(found) ?? "absent"}, not ${JSON.stringify(expected)}.`];
}
