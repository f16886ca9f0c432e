import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { Connector } from "#schemas/connector.ts";
import type { SandboxConnection } from "./simulator.ts";

/** What the sandbox process serves, from its parent by IPC or from a file. */
export interface SandboxConfig {
  /** 0 or absent: a free one. */
  port?: number;
  /** Folder of the ledgers. */
  data: string;
  connections: SandboxConnection[];
}

const Given = Type.Object({
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  data: Type.String({ minLength: 1 }),
  connections: Type.Array(
    Type.Object({
      name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" }),
      /** The connector itself, or the path of its file. */
      connector: Type.Union([Type.String({ minLength: 1 }), Connector]),
      config: Type.Record(Type.String(), Type.Unknown()),
      secrets: Type.Record(Type.String(), Type.String()),
      /** The folder in which files are exchanged with it. */
      files: Type.Optional(Type.String({ minLength: 1 })),
    }),
  ),
});

/** Checks a config and loads the connectors it names by path. Throws a sentence that says what is wrong. */
export function readSandboxConfig(given: unknown): SandboxConfig {
  if (!Value.Check(Given, given)) {
    const [error] = Value.Errors(Given, given);
    throw new Error(
      `The sandbox config is not right at ${error?.instancePath || "its root"}: ${error?.message ?? "it does not fit"}.`,
    );
  }
  const connections = given.connections.map((connection) => {
    const { connector } = connection;
    const loaded: unknown = typeof connector === "string" ? JSON.parse(readFileSync(resolve(connector), "utf8")) : connector;
    if (!Value.Check(Connector, loaded)) throw new Error(`Connection ${connection.name}: ${String(connector)} is no connector.`);
    return { ...connection, connector: loaded };
  });
  return { data: given.data, connections, ...(given.port === undefined ? {} : { port: given.port }) };
}
