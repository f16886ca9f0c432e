import type { SandboxConnection } from "./simulator.ts";

/** What expressions of a simulated system see besides the request or the file: its connection's settings, and its time. */
export const surroundingsOf = ({ name, config }: Pick<SandboxConnection, "name" | "config">, nowMs: number) => ({
  clock: { runId: name, now: new Date(nowMs).toISOString(), seed: name, sourceNode: "" },
  salt: name,
  variables: { connection: config },
});
