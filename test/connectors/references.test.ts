import { describe, expect, it } from "vitest";
import { readFormat } from "#nodes/format/format.ts";
import type { Format } from "#schemas/format.ts";
import { readJson } from "./mapping.fixture.ts";
import { type Exchange, type Known, operationOf } from "./operation.fixture.ts";

const known: Known = {
  config: { host: "sftp.example.com", username: "northwind", senderId: "4012345000009", partnerId: "4098765000004" },
  secrets: {},
};

interface Envelope {
  control: string;
  groups?: { control: string }[];
}

/** Everything that a partner tells one document of ours from another by. */
const references = ({ control, groups = [] }: Envelope): number[] => [control, ...groups.map((each) => each.control)].map(Number);

describe.each([
  { id: "x12", name: "sendShippingOrder", most: 999_999_999 },
  { id: "x12", name: "acknowledge", most: 999_999_999 },
  { id: "edifact", name: "sendOrder", most: 99_999_999_999_999 },
  { id: "edifact", name: "sendDespatchAdvice", most: 99_999_999_999_999 },
])("$id $name", ({ id, name, most }) => {
  const { item } = readJson(`./samples/${id}.${name}.json`) as Exchange;
  const { operation, render } = operationOf(id, name, known);
  /** What the partner reads: an envelope whose ends do not agree is refused. */
  const written = async (number?: number) => {
    const { request } = await render(item, number);
    const { interchanges } = readFormat(String(request.body), { type: id } as Format) as { interchanges: Envelope[] };
    return { text: String(request.body), references: references(interchanges[0] as Envelope) };
  };

  it("gives a document the same control reference each time, and no other document the same", async () => {
    expect(operation).toMatchObject({ controlNumber: { most } });
    for (const number of [1, 2, 1_000, most]) {
      const one = await written(number);
      expect(new Set(one.references)).toEqual(new Set([number]));
      expect(await written(number)).toEqual(one);
    }
  });

  it("has 0 in its place until it is given one", async () => {
    expect(new Set((await written()).references)).toEqual(new Set([0]));
  });
});
