import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkExpression } from "#nodes/expression/expression.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { fromRoot } from "#runtime/root.ts";
import { canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { sampleFiles } from "./samples.ts";
import { flowTemplates } from "./templates.ts";

const templates = await flowTemplates();
const { catalog } = await builtCatalog();

describe("the ready flows", () => {
  it("are several, and none is read where there is no folder", async () => {
    expect(templates.length).toBeGreaterThan(3);
    expect(await flowTemplates(fromRoot("flows", "none"))).toEqual([]);
  });

  it.each(templates)("$name: is valid, says what it is for, and has a sample", async (flow) => {
    const context = {
      manifests: catalog.manifests,
      connectors: catalog.connectors,
      checkExpression,
      schemas: canonicalSchemaNames(),
    };
    expect(validateFlow(flow, context).filter(({ severity }) => severity === "error")).toEqual([]);
    expect(flow.description).toBeTruthy();
    expect(flow.tags).not.toEqual([]);
    expect(await sampleFiles(flow.id)).not.toEqual({});
  });

  it.each(templates)("$name: its mappings are those that are kept beside the connectors", async (flow) => {
    for (const { notes = "", config } of flow.nodes) {
      const kept = /The mapping is kept in (\S+\.jsonata); a test holds both equal/.exec(notes)?.[1];
      if (kept) expect(config?.expression).toBe(await readFile(fromRoot(...kept.split("/")), "utf8"));
    }
  });
});
