import type { Bundle, FileTexts } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import { hashFlow, sha256Hex } from "#schemas/hash.ts";
import { schemaOf } from "../lockedSchema.ts";
import type { Lock } from "../plan.ts";
import { fileText } from "./fileText.ts";
import { flowFileText } from "./flowFile.ts";

/** A flow and what it is made with. */
export interface LockedFlow {
  flow: Flow;
  lock: Lock;
}

/** Two flows were made with one file as it stood at different times; a folder holds each file once. */
export class FilesDiffer extends Error {
  constructor(file: string, flows: readonly [string, string]) {
    super(`The flows ${flows.join(" and ")} were made with different contents of ${file}.`);
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** The files of flows; `samples` holds the texts of their sample files by flow and name. Throws FilesDiffer. */
export function filesOf(flows: readonly LockedFlow[], samples: Readonly<Record<string, FileTexts>> = {}): FileTexts {
  const found = new Map<string, { text: string; flow: string }>();
  for (const { flow, lock } of flows) {
    for (const [path, text] of filesOfOne(flow, lock, samples[flow.id] ?? {})) {
      const known = found.get(path);
      if (known && known.text !== text) throw new FilesDiffer(path, [known.flow, flow.id]);
      found.set(path, { text, flow: flow.id });
    }
  }
  return Object.fromEntries([...found].map(([path, { text }]) => [path, text] as const).sort(([a], [b]) => byText(a, b)));
}

/** Where a sample of a flow stands. */
export const sampleFile = (flow: string, name: string): string => `flows/samples/${flow}/${name}.sample.json`;

function filesOfOne(flow: Flow, lock: Lock, samples: FileTexts): [string, string][] {
  return [
    [`flows/${flow.id}.flow.json`, flowFileText(flow)],
    ...Object.entries(samples).map(([name, text]): [string, string] => [sampleFile(flow.id, name), text]),
    ...Object.entries(lock.connectors).map(([id, connector]): [string, string] => [
      `nodes/connectors/${id}.connector.json`,
      fileText(connector),
    ]),
    ...Object.entries(lock.mappings).map(([name, text]): [string, string] => [
      `nodes/connectors/${name.slice(name.indexOf("/") + 1)}`,
      text,
    ]),
    ...Object.keys(lock.schemas).flatMap((name): [string, string][] => {
      const known = schemaOf(lock.schemas, name);
      return known ? [[`schemas/canonical/${name.split("/")[1]}.schema.json`, fileText(known.schema)]] : [];
    }),
  ];
}

/** Files as one, with the hash of each. */
export const bundleFiles = (files: FileTexts, versions: Record<string, string> = {}): Bundle => ({
  kind: "bundle",
  formatVersion: 1,
  versions,
  sha256: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256Hex(text)])),
  files,
});

/** Flows as one file, with the hashes of their versions. Throws FilesDiffer. */
export const bundleOf = (flows: readonly LockedFlow[], samples: Readonly<Record<string, FileTexts>> = {}): Bundle =>
  bundleFiles(filesOf(flows, samples), Object.fromEntries(flows.map(({ flow, lock }) => [flow.id, hashFlow(flow, lock)])));
