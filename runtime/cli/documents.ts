import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { Catalog } from "#nodes/lock.ts";
import { fits } from "#runtime/sources/fileSteps.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { parseJson } from "#schemas/json.ts";
import { type Exchange, exchanged } from "./connectorSamples.ts";

/** Where one document of a system came from, and what became of it. */
export interface DocumentResult {
  mapping: string;
  file: string;
  id: string;
  /** `refused`: for the reason that is documented. */
  state: "valid" | "refused" | "failed";
  /** Money and lines of a valid one, the documented reason of a refused one, or what is wrong. */
  result: string;
}

/** A reason for which one document of a system cannot become canonical, in each of the files in which it stands. */
interface Refusal {
  files: string[];
  /** Empty for one that has none. */
  id: string;
  /** What of it is at fault first. */
  path: string;
  why: string;
}

/** One entry of `nodes/connectors/canonical.json`: a mapping, the samples it is for, and fixtures that stand elsewhere. */
interface Mapped {
  mapping: string;
  schema: string;
  samples: string[];
  /** Of samples that are an exchange: JSONata over `{ item, result }`, `result` being what the operation read of the answer. */
  document?: string;
  fixtures?: {
    /** Paths below the folder of fixtures; `*` in a name stands for any text. */
    files: string[];
    /** JSONata over `[{ file, body }]`: `[{ file, documents }]`. */
    documents: string;
    refused?: Refusal[];
  }[];
}

type Json = Record<string, unknown>;

const clock = { runId: "test", now: "2026-01-15T12:00:00.000Z", seed: "sample", sourceNode: "source" };

const evaluate = (text: string, input: unknown, system: string): Promise<unknown> =>
  evaluateExpression(text, input, {
    clock,
    salt: "test",
    variables: { source: { node: "source", system, account: "account" }, run: { id: clock.runId, now: clock.now } },
  });

/**
 * Maps the samples of all connectors, and the fixtures of their systems where there are some, and judges what comes out by
 * the canonical schemas and their invariants.
 */
export async function testDocuments(root: string, catalog: Catalog, fixtures: string | undefined): Promise<DocumentResult[]> {
  const folder = join(root, "nodes/connectors");
  const entries = parseJson(await readFile(join(folder, "canonical.json"), "utf8")) as Mapped[];
  const results: DocumentResult[] = [];
  for (const entry of entries) {
    const mapping = await readFile(join(folder, entry.mapping), "utf8");
    const judge = (file: string, document: unknown, refused: readonly Refusal[]) =>
      judged({ ...entry, text: mapping }, file, document, refused);
    for (const file of entry.samples) {
      const sample = parseJson(await readFile(join(folder, "samples", file), "utf8"));
      results.push(...(await judge(file, await documentOf(entry, catalog, file, sample), [])));
    }
    for (const { files, documents, refused = [] } of fixtures === undefined ? [] : (entry.fixtures ?? [])) {
      const read = await filesOf(fixtures ?? "", files);
      const found = ((await evaluate(documents, read, "")) ?? []) as { file: string; documents: unknown[] }[];
      const judgements: DocumentResult[] = [];
      for (const each of found)
        for (const document of each.documents) judgements.push(...(await judge(each.file, document, refused)));
      const names = read.map(({ file }) => file);
      results.push(...judgements, ...acceptedNow(entry.mapping, names, judgements, refused));
    }
  }
  return results;
}

async function documentOf({ document }: Mapped, catalog: Catalog, file: string, sample: unknown): Promise<unknown> {
  if (document === undefined) return sample;
  const [system = "", operation = ""] = file.split(".");
  const connector = catalog.connectors[system];
  if (!connector) throw new Error(`canonical.json: there is no connector for the sample ${file}.`);
  const { read } = await exchanged(catalog, connector, operation, sample as Exchange);
  if (!read.ok) throw new Error(`${file}: ${read.reason.message}`);
  return evaluate(document, { item: (sample as Exchange).item, result: read.result }, system);
}

async function filesOf(fixtures: string, patterns: readonly string[]): Promise<{ file: string; body: unknown }[]> {
  const read: { file: string; body: unknown }[] = [];
  for (const pattern of patterns) {
    const [folder, names] = [pattern.slice(0, pattern.lastIndexOf("/")), pattern.slice(pattern.lastIndexOf("/") + 1)];
    if (!existsSync(join(fixtures, folder))) continue;
    for (const name of (await readdir(join(fixtures, folder))).sort()) {
      if (!name.endsWith(".json") || !fits(names, name)) continue;
      read.push({ file: `${folder}/${name}`, body: parseJson(await readFile(join(fixtures, folder, name), "utf8")) });
    }
  }
  return read;
}

/** What a mapping makes of one document of a system; a file of several gives several. */
async function judged(
  { mapping, schema, text }: Mapped & { text: string },
  file: string,
  document: unknown,
  refused: readonly Refusal[],
): Promise<DocumentResult[]> {
  const [system = ""] = mapping.split(".");
  try {
    const mapped = await evaluate(text, document, system);
    return (Array.isArray(mapped) ? mapped : [mapped]).map((each: Json) => {
      const id = String(each.externalId ?? each.shipmentId ?? each.returnId ?? each.settlementId ?? "");
      const [fault] = canonicalFaults(schema, each) ?? [];
      const known = fault && refused.find((refusal) => isOf(refusal, file, id) && refusal.path === fault.path);
      if (!fault) return { mapping, file, id, state: "valid", result: summary(each) };
      return { mapping, file, id, state: known ? "refused" : "failed", result: known?.why ?? fault.message };
    });
  } catch (error) {
    return [{ mapping, file, id: "", state: "failed", result: error instanceof Error ? error.message : String(error) }];
  }
}

const isOf = ({ files, id }: Refusal, file: string, of: string): boolean => id === of && files.includes(file);

/** Refusals that are documented and do not happen: a mapping that broke later would hide behind them. */
const acceptedNow = (
  mapping: string,
  read: readonly string[],
  results: readonly DocumentResult[],
  refused: readonly Refusal[],
): DocumentResult[] =>
  refused.flatMap(({ files, id, why }) =>
    files
      .filter((file) => read.includes(file))
      .filter((file) => !results.some((each) => each.file === file && each.id === id && each.result === why))
      .map((file) => ({ mapping, file, id, state: "failed", result: `It is not refused any more because of "${why}".` })),
  );

/** What of a canonical document can be checked at a glance: its invariants held. */
function summary({ lines, totals, currency }: Json): string {
  const count = Array.isArray(lines) ? lines.length : 0;
  const { grand } = (totals ?? {}) as { grand?: string | null };
  const money = totals === undefined ? "" : grand === null ? `, no total (${currency})` : `, ${grand} ${currency}`;
  return `${count} ${count === 1 ? "line" : "lines"}${money}`;
}
