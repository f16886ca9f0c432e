import { expect, it } from "vitest";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { migrate } from "./migrate.ts";

it("says of a database that cannot be opened where it was looked for and what to check, without the password", async () => {
  const port = await freePort();
  const error: unknown = await migrate(`postgres://someone:hidden@127.0.0.1:${port}/orders`).catch((raw: unknown) => raw);
  expect((error as Error).message).toBe(
    `The database at 127.0.0.1:${port} could not be opened: connect ECONNREFUSED 127.0.0.1:${port}. Check that it runs and that DATABASE_URL is right.`,
  );
});
