import { whatToDo } from "#nodes/connector/connectionTest.ts";
import { moment, msSince } from "#runtime/engine/moment.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { ConnectionTestResult } from "#schemas/connection.ts";
import { failureOf, openFolder } from "./files.ts";
import type { Folder } from "./folder.ts";

/** Looks into the folder of a connection as a source would, and takes nothing. */
export async function tryFolder(
  parts: Pick<EngineParts, "settings" | "reaches">,
  transport: "file" | "sftp",
  connection: OpenConnection,
): Promise<ConnectionTestResult> {
  const begun = moment();
  const told = (outcome: "passed" | "failed", message: string, hint: string | null): ConnectionTestResult => ({
    outcome,
    message,
    hint,
    status: null,
    ms: Math.round(msSince(begun)),
  });
  let folder: Folder | undefined;
  try {
    folder = await openFolder(transport, parts, connection, "");
    const { length } = await folder.list("");
    return told("passed", `The folder is there, with ${length === 1 ? "1 file" : `${length} files`} in it.`, null);
  } catch (error) {
    const failure = failureOf(error);
    if (failure) return told("failed", failure.reason.message, failure.reason.hint ?? whatToDo(failure.class));
    return told("failed", error instanceof Error ? error.message : String(error), whatToDo("bug"));
  } finally {
    await folder?.close();
  }
}
