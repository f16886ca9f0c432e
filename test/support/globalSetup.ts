import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { isAlive } from "#runtime/store/embedded/processes.ts";
import { startEmbedded } from "#runtime/store/embedded/start.ts";
import { migrate } from "#runtime/store/migrate.ts";

const settings = {
  // Each cluster of processes has a database of its own here, and up to six run at once with eight pools each.
  max_connections: "400",
  // What a test kills is processes, never the machine; the servers of chaos and of the product's own tests are as durable as ever.
  fsync: "off",
  full_page_writes: "off",
};

const prefix = "orderloom-test-";

/** One embedded PostgreSQL for the whole test run; its own database, migrated, is the template that tests clone. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const home = await mkdtemp(join(tmpdir(), prefix));
  // The account that runs PostgreSQL when we are root has to reach it.
  await chmod(home, 0o755);
  const server = await startEmbedded(home, "a test run", settings);
  await migrate(server.url);
  project.provide("databaseUrl", server.url);
  return async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
}

/** A test run that was killed leaves its server running. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const home = join(tmpdir(), name);
    try {
      const { pid } = JSON.parse(await readFile(join(home, "lock"), "utf8")) as { pid: number };
      if (isAlive(pid)) continue;
      const left = await startEmbedded(home);
      await left.stop();
      await rm(home, { recursive: true, force: true });
    } catch {
      // Another user's, or just being made or removed by another run.
    }
  }
}
