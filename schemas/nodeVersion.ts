import type { NodeManifest } from "./manifest.ts";

type Versioned = Pick<NodeManifest, "version" | "migrations">;

export const majorOf = (version: string): number => Number(version.split(".")[0]);

/** The major version of its type that a node was made with; nodes say so since there were two. */
export const madeWith = ({ version }: { version?: unknown }): number =>
  typeof version === "number" && Number.isInteger(version) && version > 0 ? version : 1;

/** The major versions that have changed the settings since, the oldest first. */
export const migrationsDue = ({ migrations = [] }: Versioned, made: number): number[] =>
  migrations.filter((major) => major > made).sort((a, b) => a - b);

/** What a node made today says: the last major version that changed the settings; nothing where none did. */
export const newestShape = ({ migrations = [] }: Versioned): number | undefined =>
  migrations.length > 0 ? Math.max(...migrations) : undefined;

/** Whether the type, as it is here, knows a node's settings. */
export const isCurrent = (manifest: Versioned, made: number): boolean =>
  migrationsDue(manifest, made).length === 0 && made <= majorOf(manifest.version);
