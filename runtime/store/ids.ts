import { createHash } from "node:crypto";
import { v7 } from "uuid";

/** A fresh UUIDv7: sorted by time of making. */
export const newId = (): string => v7();

/** SHA-256 of text or bytes, in hex. */
export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
