import { createHash } from "node:crypto";
import { v7, validate } from "uuid";

/** A fresh UUIDv7: sorted by time of making. */
export const newId = (): string => v7();

/** SHA-256 of text or bytes, in hex. */
export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** True for text that may be an id; anything else would be an error in a query. */
export const isId = (text: string): boolean => validate(text);
