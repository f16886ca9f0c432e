import type { Flow } from "#schemas/flow.ts";
import { isObject } from "#schemas/isObject.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { Problem } from "#schemas/problem.ts";
import type { Catalogue } from "./catalogue.ts";
import { nodeNames } from "./names.ts";
import { propertiesOf } from "./summary.ts";

/** Problems as people here speak of them: the titles of nodes, settings and ports where the text for files says their ids. */
export function inWords(problems: readonly Problem[], flow: Flow, manifests: Catalogue["manifests"]): readonly Problem[] {
  if (problems.length === 0) return problems;
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const nameOf = nodeNames(flow.nodes, manifests);
  return problems.map((problem) => {
    const manifest = manifests.get(nodes.get(problem.node ?? "")?.type ?? "");
    const message = withSettings(problem.message, manifest).replaceAll(/\b([Nn]ode) "([^"]*)"/g, (all, word, id) =>
      nodes.has(id) ? `${word} “${nameOf(id)}”` : all,
    );
    const hint = hintInWords(problem, manifest);
    return { ...problem, message, ...(hint === undefined ? {} : { hint }) };
  });
}

/** The node is known where its settings are spoken of: its own fields and inputs are named, not the place in the file. */
function withSettings(message: string, manifest: NodeManifest | undefined): string {
  const setting = (path: string) => settingTitles(path, manifest).join(" ");
  const part = (path: string, name: string) => settingTitles(`${path}/${name}`, manifest).at(-1) ?? name;
  const input = (quoted: string, name: string) => {
    const title = manifest?.inputs.find((port) => port.name === name)?.title;
    return title === undefined ? quoted : `“${title}”`;
  };
  return message
    .replace(/^The config of node "[^"]*" has no "([^"]*)"\./, (_, path: string) => `${setting(path)} is missing.`)
    .replace(
      /^The config of node "[^"]*": "([^"]*)" has no "([^"]*)"/,
      (_, path: string, name: string) => `${setting(path)} has no ${part(path, name)}`,
    )
    .replace(/^The config of node "[^"]*": "([^"]*)"/, (_, path: string) => setting(path))
    .replace(/^The expression in "([^"]*)" of node "[^"]*"/, (_, path: string) => `The expression in ${setting(path)}`)
    .replace(/^Nothing leads into .* of (?=node)/, (open) => open.replaceAll(/"([^"]*)"/g, input));
}

/** `Add "when".`: such a problem points to what is missing. */
function hintInWords({ code, hint, pointer }: Problem, manifest: NodeManifest | undefined): string | undefined {
  const [, path] = /^\/nodes\/\d+\/config\/(.+)$/.exec(pointer) ?? [];
  if (code !== "config.required" || path === undefined) return hint;
  return hint?.replace(/"[^"]*"/, settingTitles(path, manifest).at(-1) ?? path);
}

/** `cases/0/when` is “Cases” 1 “Condition”: as far as the node type's form has titles. */
function settingTitles(path: string, manifest: NodeManifest | undefined): string[] {
  let schema: unknown = manifest?.config;
  return path.split("/").map((step) => {
    if (/^\d+$/.test(step)) {
      schema = isObject(schema) ? schema.items : undefined;
      return String(Number(step) + 1);
    }
    schema = isObject(schema) ? propertiesOf(schema)[step] : undefined;
    const title = isObject(schema) && typeof schema.title === "string" ? schema.title : step;
    return `“${title}”`;
  });
}
