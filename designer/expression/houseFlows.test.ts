import { expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { analyse } from "./analyse.ts";

const flows = import.meta.glob<Flow>("../../flows/*.flow.json", { eager: true, import: "default" });
const samples = import.meta.glob<{ source: string; input: unknown }>("../../flows/samples/*/*.json", {
  eager: true,
  import: "default",
});

/** The expressions right behind the sources of a ready flow, with what its samples bring to them. */
const mappings = Object.values(flows).flatMap((flow) =>
  flow.nodes.flatMap(({ id, config }) => {
    const sources = flow.edges.flatMap(({ from, to }) => (to.node === id ? [from.node] : []));
    const given = Object.entries(samples).flatMap(([path, { source, input }]) =>
      path.includes(`/${flow.id}/`) && sources.includes(source) ? [input] : [],
    );
    const expression = config?.expression;
    return typeof expression === "string" && given.length > 0 ? [{ at: `${flow.id} ${id}`, expression, given }] : [];
  }),
);

it.each(mappings)("$at opens without a remark", ({ expression, given }) => {
  const { findings } = analyse(expression, { samples: given, variables: ["source", "run"] });
  expect(findings.map(({ code, params }) => ({ code, params }))).toEqual([]);
});

it("are some", () => expect(mappings.length).toBeGreaterThan(3));
