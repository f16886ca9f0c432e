import type { KeyList, KeysRotated } from "#schemas/keys.ts";
import { counted, type Report, table } from "./output.ts";
import { mustAsk, type ServerOptions } from "./server.ts";

/** The keys of a running server, and what each has sealed. */
export async function listKeys(options: ServerOptions): Promise<Report> {
  const keys = await mustAsk<KeyList>(options, "GET", "/keys");
  const rows = keys.items.map(({ id, current, present, secrets }) => [
    id,
    current ? "in use" : present ? "opens only" : "not here",
    String(secrets),
  ]);
  // What a key has sealed that is gone cannot be opened again.
  const ok = keys.items.every(({ present, secrets }) => present || secrets === 0);
  return { ok, text: table(["key", "state", "secrets"], rows), json: { ok, ...keys } };
}

/** Changes the key of a running server. */
export async function rotateKeys(options: ServerOptions): Promise<Report> {
  const rotated = await mustAsk<KeysRotated>(options, "POST", "/keys/rotate");
  const { key, resealed, retired, source } = rotated;
  const old = retired.length === 0 ? "There was no old key to retire." : `Retired: ${retired.join(", ")}.`;
  const next =
    source === "environment" && retired.length > 0
      ? "\nLeave the retired keys out of ORDERLOOM_SECRET_KEY and start the processes again."
      : "";
  const text = `Key ${key} is in use; ${counted(resealed, "set")} of secrets encrypted anew. ${old}${next}`;
  return { ok: true, text, json: { ok: true, ...rotated } };
}
