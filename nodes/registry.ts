import type { NodeManifest } from "#schemas/manifest.ts";
import { execute as map } from "./map/execute.ts";
import mapManifest from "./map/node.json" with { type: "json" };
import type { Execute, PureNodeType } from "./pureNode.ts";
import { execute as switchCase } from "./switch/execute.ts";
import switchManifest from "./switch/node.json" with { type: "json" };
import { execute as validate } from "./validate/execute.ts";
import validateManifest from "./validate/node.json" with { type: "json" };

// The conformance test holds every manifest against its schema; TypeScript sees plain strings where it asks for literals.
const entry = (manifest: object, execute: Execute): PureNodeType => ({ manifest: manifest as NodeManifest, execute });

/** The pure node types, in the order of the palette. Safe in the browser. */
export const pureNodeTypes: readonly PureNodeType[] = [
  entry(mapManifest, map),
  entry(switchManifest, switchCase),
  entry(validateManifest, validate),
];

const byType: ReadonlyMap<string, PureNodeType> = new Map(pureNodeTypes.map((node) => [node.manifest.type, node]));

export const pureNodeType = (type: string): PureNodeType | undefined => byType.get(type);
