import { type Static, Type } from "typebox";
import { Problem } from "./problem.ts";

/** Flows with all that they are made of, as files: what leaves an installation, and what comes into another one. */

/** Files by their paths in a folder, such as `flows/orders.flow.json`; the texts. */
export type FileTexts = Record<string, string>;

const Hash = Type.String({ pattern: "^[0-9a-f]{64}$" });

export const Bundle = Type.Object(
  {
    kind: Type.Literal("bundle"),
    formatVersion: Type.Literal(1),
    /** By flow: the hash of the version that its files make. A flow that no version is known of is left out. */
    versions: Type.Record(Type.String(), Hash),
    /** By path: SHA-256 of the file's text in UTF-8. */
    sha256: Type.Record(Type.String(), Hash),
    files: Type.Record(Type.String(), Type.String()),
  },
  { additionalProperties: false, description: "Flows, connectors with their mappings, samples and schemas; never a secret." },
);
export type Bundle = Static<typeof Bundle>;

/** Where files came from. */
export const FilesOrigin = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: "Of the folder or the bundle." }),
    commit: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "Of the repository they stand in." })),
  },
  { additionalProperties: false },
);
export type FilesOrigin = Static<typeof FilesOrigin>;

/** One thing of a flow that the files hold otherwise than its newest version. */
export const FileChange = Type.Object({
  /** `node`, `edge`, `slot`, `flow`, `connector`, `mapping`, `nodeType`, `schema`. */
  kind: Type.String(),
  name: Type.String(),
  change: Type.Enum(["added", "removed", "changed"]),
  /** JSON pointers. */
  fields: Type.Array(Type.String()),
});
export type FileChange = Static<typeof FileChange>;

/** `ahead`: the draft here has changes that were never published, and would be lost. */
export const draftStates = ["new", "same", "changed", "ahead"] as const;

export const ImportedFlow = Type.Object({
  flow: Type.String(),
  name: Type.String(),
  draft: Type.Enum([...draftStates]),
  /** The version that the files make here, and its number where it exists. */
  version: Type.Union([
    Type.Object({ hash: Type.String(), number: Type.Union([Type.Integer(), Type.Null()]) }),
    // Something that the flow uses does not exist here.
    Type.Null(),
  ]),
  changes: Type.Array(FileChange),
  problems: Type.Array(Problem),
  samples: Type.Object({
    passed: Type.Integer(),
    failed: Type.Array(Type.String()),
    /** Those that are kept with the flow from now on, by name: they were not here, or otherwise. */
    changed: Type.Array(Type.String()),
    /** Those of them that somebody changed here, which are in no version and were in no files pushed: they would be lost. */
    ahead: Type.Array(Type.String()),
  }),
});
export type ImportedFlow = Static<typeof ImportedFlow>;

/** A slot to which an environment has to bind a connection before the flow can be deployed there. */
export const ToBind = Type.Object({
  flow: Type.String(),
  environment: Type.String(),
  slot: Type.String(),
  connector: Type.String(),
  /** Connections of the connector there: none has to be made, one of several to be chosen. */
  choices: Type.Array(Type.String()),
});
export type ToBind = Static<typeof ToBind>;

export const ImportReport = Type.Object({
  /** Whether anything was stored. */
  applied: Type.Boolean(),
  /** Why it cannot be, in sentences. */
  refusals: Type.Array(Type.String()),
  /** What is otherwise than in the files, though nothing is in the way, in sentences. */
  notices: Type.Array(Type.String()),
  flows: Type.Array(ImportedFlow),
  bind: Type.Array(ToBind),
});
export type ImportReport = Static<typeof ImportReport>;

/** How what an installation has of a flow stands to the files it was last pushed from. */
export const FlowFiles = Type.Object({
  origin: Type.Union([FilesOrigin, Type.Null()]),
  pushedAt: Type.String(),
  pushedBy: Type.String(),
  hash: Type.String(),
  draft: Type.Enum(["same", "changed"]),
  /** `older`: what runs came from files too, from earlier ones. `other`: it never did. */
  deployments: Type.Array(
    Type.Object({ environment: Type.String(), number: Type.Integer(), standing: Type.Enum(["same", "older", "other"]) }),
  ),
});
export type FlowFiles = Static<typeof FlowFiles>;
