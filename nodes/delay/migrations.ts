import type { Migrations } from "../migrate/builtIn.ts";

export const delayMigrations: Migrations = {
  // Both could be set, and `until` was taken: whoever changed the seconds changed nothing, and was not told.
  2: (config) => {
    const { seconds: _, ...rest } = config;
    return config.until === undefined ? config : rest;
  },
};
