import { delayMigrations } from "../delay/migrations.ts";

type Config = Readonly<Record<string, unknown>>;

/**
 * How the config of a node becomes that of the next version of its type: pure, doing the same with every item as before,
 * leaving ports as they are, and a config that has the later shape already as it is.
 */
export type Migrate = (config: Config) => Config;

/** By the major version that each leads to. */
export type Migrations = Readonly<Record<number, Migrate>>;

/** Of the types that are not a connector's; each stands in `migrations.ts` beside its node, its fixtures in `migrations/`. */
export const builtInMigrations: Readonly<Record<string, Migrations>> = { delay: delayMigrations };
