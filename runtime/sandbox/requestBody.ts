import { readFormat } from "#nodes/format/format.ts";
import { unreadable } from "#nodes/format/formatError.ts";
import { parseJson } from "#schemas/json.ts";
import type { SimulatedRequest } from "./simulator.ts";

/** What a simulated system is sent: JSON, or what a form holds by name, its files too. */
export async function bodyOf({ body, headers }: Pick<SimulatedRequest, "body" | "headers">): Promise<unknown> {
  if (body === "") return undefined;
  const type = headers["content-type"] ?? "";
  if (type.includes("multipart/form-data")) return partsOf(body, type);
  return type.includes("form-urlencoded") ? readFormat(body, { type: "form" }) : parseJson(body);
}

async function partsOf(body: string, type: string): Promise<Record<string, unknown>> {
  const form = await new Response(body, { headers: { "content-type": type } }).formData().catch((raw: unknown) => {
    throw unreadable(`The form cannot be read: ${String(raw)}`);
  });
  const parts: [string, unknown][] = [];
  for (const [name, part] of form) parts.push([name, typeof part === "string" ? part : await inFile(part)]);
  return Object.fromEntries(parts);
}

async function inFile(file: File): Promise<unknown> {
  const text = await file.text();
  return file.type === "application/json" ? parseJson(text) : text;
}
