import type { NodeManifest } from "#schemas/manifest.ts";
import { execute as batch } from "./batch/execute.ts";
import batchManifest from "./batch/node.json" with { type: "json" };
import { execute as coalesce } from "./coalesce/execute.ts";
import coalesceManifest from "./coalesce/node.json" with { type: "json" };
import type { ControlNodeType, ExecuteControl } from "./controlNode.ts";
import { execute as delay } from "./delay/execute.ts";
import delayManifest from "./delay/node.json" with { type: "json" };
import exceptionRouteManifest from "./exception-route/node.json" with { type: "json" };
import { execute as join } from "./join/execute.ts";
import joinManifest from "./join/node.json" with { type: "json" };
import { execute as lookup } from "./lookup/execute.ts";
import lookupManifest from "./lookup/node.json" with { type: "json" };
import { execute as map } from "./map/execute.ts";
import mapManifest from "./map/node.json" with { type: "json" };
import type { Execute, PureNodeType } from "./pureNode.ts";
import { execute as respond } from "./respond/execute.ts";
import respondManifest from "./respond/node.json" with { type: "json" };
import scheduleManifest from "./schedule/node.json" with { type: "json" };
import { execute as split } from "./split/execute.ts";
import splitManifest from "./split/node.json" with { type: "json" };
import { execute as subFlow } from "./sub-flow/execute.ts";
import subFlowManifest from "./sub-flow/node.json" with { type: "json" };
import subFlowInputManifest from "./sub-flow-input/node.json" with { type: "json" };
import { execute as switchCase } from "./switch/execute.ts";
import switchManifest from "./switch/node.json" with { type: "json" };
import { execute as validate } from "./validate/execute.ts";
import validateManifest from "./validate/node.json" with { type: "json" };
import { execute as wait } from "./wait/execute.ts";
import waitManifest from "./wait/node.json" with { type: "json" };

// The conformance test holds every manifest against its schema; TypeScript sees plain strings where it asks for literals.
const pure = (manifest: object, execute: Execute): PureNodeType => ({ manifest: manifest as NodeManifest, execute });
const control = (manifest: object, execute: ExecuteControl): ControlNodeType => ({
  manifest: manifest as NodeManifest,
  execute,
});

/** The pure node types, in the order of the palette. Safe in the browser. */
export const pureNodeTypes: readonly PureNodeType[] = [
  pure(mapManifest, map),
  pure(switchManifest, switchCase),
  pure(validateManifest, validate),
  pure(lookupManifest, lookup),
];

/** The control node types, in the order of the palette: boundaries that the engine keeps in the database. */
export const controlNodeTypes: readonly ControlNodeType[] = [
  control(splitManifest, split),
  control(joinManifest, join),
  control(delayManifest, delay),
  control(waitManifest, wait),
  control(batchManifest, batch),
  control(coalesceManifest, coalesce),
  control(subFlowManifest, subFlow),
  control(respondManifest, respond),
];

/** Node types that no item enters: the engine starts at them. Those of connectors' sources come from the connectors. */
export const startNodeTypes: readonly NodeManifest[] = [
  scheduleManifest as object as NodeManifest,
  subFlowInputManifest as object as NodeManifest,
  exceptionRouteManifest as object as NodeManifest,
];

/** Every node type that is not a connector's. */
export const builtInManifests: readonly NodeManifest[] = [
  ...startNodeTypes,
  ...[...pureNodeTypes, ...controlNodeTypes].map(({ manifest }) => manifest),
];

const byType = <T extends { manifest: NodeManifest }>(types: readonly T[]): ReadonlyMap<string, T> =>
  new Map(types.map((node) => [node.manifest.type, node]));

const pureTypes = byType(pureNodeTypes);
const controlTypes = byType(controlNodeTypes);

export const pureNodeType = (type: string): PureNodeType | undefined => pureTypes.get(type);

export const controlNodeType = (type: string): ControlNodeType | undefined => controlTypes.get(type);
