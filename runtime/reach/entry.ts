import ipaddr from "ipaddr.js";
import { addressOf, plain, type Range, ranges } from "./range.ts";

/** One thing that may be reached. A host without a port may be reached at any. */
export type Entry =
  | { kind: "range"; range: Range }
  | { kind: "network"; network: [ipaddr.IPv4 | ipaddr.IPv6, number] }
  | { kind: "host"; host: string; port: number | null };

const isRange = (word: string): word is Range => ranges.some((range) => range === word);
const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
const HIGHEST_PORT = 65_535;

/** Reads `private`, `10.20.0.0/16`, `erp.internal`, `erp.internal:8069`, `10.1.2.3:8069` or `[fd12::7]:8069`; undefined for anything else. */
export function readEntry(text: string): Entry | undefined {
  const word = text.trim();
  if (isRange(word)) return { kind: "range", range: word };
  if (word.includes("/")) return ipaddr.isValidCIDR(word) ? { kind: "network", network: ipaddr.parseCIDR(word) } : undefined;
  const [, bracketed, named, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(word) ?? [];
  const host = nameOf(bracketed ?? named ?? word);
  const port = digits === undefined ? null : Number(digits);
  return host === undefined || (port !== null && (port === 0 || port > HIGHEST_PORT)) ? undefined : { kind: "host", host, port };
}

/** A host as it is compared: an address in its one form, a name in small letters without the dot that ends it. */
export function nameOf(host: string): string | undefined {
  const address = addressOf(host);
  if (address) return plain(address);
  const name = host.toLowerCase().replace(/\.$/, "");
  // All digits are no name: it would be an address in a form that nobody reads.
  return hostName.test(name) && !/^[\d.]+$|^0x/.test(name) ? name : undefined;
}
