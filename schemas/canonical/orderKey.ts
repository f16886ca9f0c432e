import { CanonicalRefusal } from "./canonicalRefusal.ts";
import { told } from "./reading.ts";
import { longId, shortId } from "./shortId.ts";

/** What is read of a `canonical/order/1`; nobody has checked it. */
interface Order {
  channel?: { system?: unknown; alias?: unknown } | null;
  externalId?: unknown;
}

/** The order that a key names: as `orderRef` of a `canonical/shipment/1` has it. */
export interface OrderRef {
  system?: string;
  account?: string;
  externalId: string;
}

/** A system's name in a key, before "--" and "_". Of digits alone it would be a number of another make. */
const system = String.raw`(?=\d*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)*`;
const alias = "[A-Z0-9][A-Z0-9-]*";
const SYSTEM = new RegExp(`^${system}$`);
const ALIAS = new RegExp(`^${alias}$`);
const KEY = new RegExp(`^(${system})(?:--(${alias}))?_(.+)$`, "s");

const refuse = (code: string, message: string): never => {
  throw new CanonicalRefusal(`orderKey.${code}`, message);
};

/**
 * By what other systems know an order: SHOPIFY_5901234567001, or WOOCOMMERCE--SHOP-A_1001 where its id is its account's own. A
 * prefix such as SHOP_ stands in the place of the system. Where a system holds fewer characters than the key has (`longest`), an id
 * that is a UUID stands in it as `shortId`. `orderRef` takes all of them apart again. Throws CanonicalRefusal where it could not.
 */
export function orderKey({ channel, externalId }: Order, prefix?: unknown, longest?: unknown): string {
  const { system, alias } = channel ?? {};
  if (!told(externalId)) return refuse("externalId", "The order has no externalId, by which other systems could know it.");
  const order = `The order ${externalId}`;
  const name = told(prefix) ? String(prefix).replace(/_$/, "") : told(system) ? String(system).toUpperCase() : "";
  if (!SYSTEM.test(name)) {
    const what = name === "" ? "names no channel.system" : `would be known by "${name}"`;
    refuse(
      "system",
      `${order} ${what}; what stands before its id is capitals, digits and single hyphens. Give the node an external id prefix such as SHOP_.`,
    );
  }
  if (told(alias) && !ALIAS.test(String(alias)))
    refuse(
      "alias",
      `${order} has the channel.alias "${alias}"; one is capitals, digits and hyphens. Give it another in a Map before this node.`,
    );
  const before = told(alias) ? `${name}--${alias}_` : `${name}_`;
  return fitting(before, String(externalId), typeof longest === "number" ? longest : Number.POSITIVE_INFINITY);
}

/** The shortest that may stand before an id: one capital and a "_". */
const LEAST = 2;

function fitting(before: string, externalId: string, longest: number): string {
  const id = shortId(externalId, longest - before.length);
  const key = before + id;
  if (key.length <= longest) return key;
  const shorter = before.includes("--")
    ? "Give the order a shorter channel.alias in a Map before this node, or the node a shorter external id prefix."
    : "Give the node a shorter external id prefix, such as A_.";
  const other =
    "No prefix is short enough for this id: give the order another externalId in a Map before this node, such as its number.";
  return refuse(
    "length",
    `By ${before + externalId} the order would be known, which has ${before.length + externalId.length} characters; ${longest} fit. ${id.length + LEAST > longest ? other : shorter}`,
  );
}

/** The order that a key of `orderKey` names. A reference of another make stays whole. */
export function orderRef(reference: unknown): OrderRef {
  const text = String(reference);
  const [, system, account, externalId] = KEY.exec(text) ?? [];
  if (system === undefined || externalId === undefined) return { externalId: text };
  return { system: system.toLowerCase(), ...(account === undefined ? {} : { account }), externalId: longId(externalId) };
}

/**
 * An account as an order's `channel.alias` names it: shop-a.example is SHOP--A-EXAMPLE. Accounts that differ in no more than
 * capitals and signs that are neither point nor hyphen have one alias.
 */
export function aliasOf(account: unknown): string {
  const alias = String(account)
    .toUpperCase()
    .replaceAll("-", "--")
    .replace(/[^A-Z0-9-]/g, "-")
    .replace(/^-+/, "");
  return alias === "" ? refuse("account", `The account "${String(account)}" has no letter or digit to make an alias of.`) : alias;
}
