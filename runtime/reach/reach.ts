import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { type Entry, nameOf, readEntry } from "./entry.ts";
import { addressOf, type Range, rangeOf } from "./range.ts";

/** Where a request is meant to go. */
export interface Place {
  /** A name or an address, an IPv6 one without brackets. */
  host: string;
  port: number;
}

/** Where an address of HTTP leads. */
export const placeOf = ({ hostname, port, protocol }: URL): Place => ({
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
});

/** An address that may not be reached; nothing was sent there. */
export class OutOfReach extends Error {
  override name = "OutOfReach";
  readonly code = "outOfReach";
  readonly hint: string;
  constructor({ host, port }: Place, address: string, range: Range) {
    const where = isIP(host) || host === address ? host : `${host} (${address})`;
    super(`${where} is a ${range} address, which may not be reached from here.`);
    this.hint = own.includes(range)
      ? `Whoever runs the server may allow it: ORDERLOOM_REACH=${range}.`
      : `If it is meant, an admin allows ${isIP(host) === 6 ? `[${host}]` : host}:${port}, or the range ${range}, in the settings of the environment.`;
  }
}

/** The machine's own services and credentials: no admin of an environment opens them, only who runs the server. */
const own: readonly Range[] = ["loopback", "metadata"];

/** Whether an entry names what an environment cannot allow. */
export const isOwn = (entry: Entry | undefined): boolean => entry?.kind === "range" && own.includes(entry.range);

type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

/** What may be reached over a connection. */
export interface Reach {
  /** Tells two of them apart: connections are kept open for one alone. */
  key: string;
  /** Throws OutOfReach for a host that is itself an address and may not be reached. */
  check(place: Place): void;
  /** Resolves names for sockets, and gives only addresses that may be reached: the one looked at is the one connected to. */
  lookup(port: number): LookupFunction;
}

/** The reach of every environment of an installation. */
export interface Reaches {
  /** By what an admin has allowed in the environment. */
  of(allowed: readonly string[]): Reach;
  /** Allows something everywhere, from now on: a system that this process has started itself. */
  allow(entry: string): void;
}

/** Throws a sentence for an entry that cannot be read. `resolve` is for tests. */
export function openReaches(everywhere: readonly string[], resolve: Resolve = systemLookup as Resolve): Reaches {
  let ground = everywhere.map(readOrThrow);
  const known = new Map<string, Reach>();
  return {
    of(allowed) {
      const key = allowed.join(" ");
      const reach = known.get(key) ?? reachOf(key, (place, address) => faultAt(place, address), resolve);
      known.set(key, reach);
      return reach;

      function faultAt(place: Place, address: string): OutOfReach | undefined {
        return fault(
          place,
          address,
          ground,
          allowed.flatMap((each) => readEntry(each) ?? []),
        );
      }
    },
    allow(entry) {
      ground = [...ground, readOrThrow(entry)];
    },
  };
}

export function readOrThrow(text: string): Entry {
  const entry = readEntry(text);
  if (!entry)
    throw new Error(`"${text}" is neither a range, a network such as 10.20.0.0/16, nor a host such as erp.internal:8069.`);
  return entry;
}

/** What is wrong with an address that a place leads to; undefined where it may be reached. */
export function fault(
  place: Place,
  address: string,
  everywhere: readonly Entry[],
  environment: readonly Entry[],
): OutOfReach | undefined {
  const range = rangeOf(address);
  if (range === null) return undefined;
  const entries = own.includes(range) ? everywhere : [...everywhere, ...environment];
  return entries.some((entry) => allows(entry, range, place, address)) ? undefined : new OutOfReach(place, address, range);
}

function allows(entry: Entry, range: Range, { host, port }: Place, address: string): boolean {
  if (entry.kind === "range") return entry.range === range;
  // A name that is allowed may come to mean another address; the credentials of the machine are reached by their own name alone.
  if (range === "metadata") return false;
  if (entry.kind === "host") return entry.host === nameOf(host) && (entry.port === null || entry.port === port);
  const found = addressOf(address);
  return found?.kind() === entry.network[0].kind() && found.match(entry.network as [never, number]);
}

function reachOf(key: string, faultAt: (place: Place, address: string) => OutOfReach | undefined, resolve: Resolve): Reach {
  return {
    key,
    check(place) {
      const wrong = isIP(place.host) ? faultAt(place, place.host) : undefined;
      if (wrong) throw wrong;
    },
    lookup: (port) => (host, options, done) =>
      resolve(host, { ...options, all: true }, (error, found) => {
        const wrong = error ?? found.map(({ address }) => faultAt({ host, port }, address)).find((each) => each !== undefined);
        const [first] = found ?? [];
        if (wrong || !first) done(wrong ?? new Error(`${host} has no address.`), "", 0);
        else if (options.all) done(null, found);
        else done(null, first.address, first.family);
      }),
  };
}

/** The address of a place within reach, for whoever connects by address alone. Throws OutOfReach, or what the network gave. */
export async function addressWithin(reach: Reach, { host, port }: Place): Promise<string> {
  reach.check({ host, port });
  if (isIP(host)) return host;
  return new Promise((resolve, reject) => {
    reach.lookup(port)(host, {}, (error, address) => (error ? reject(error) : resolve(String(address))));
  });
}

/** A socket to a place within reach. Throws OutOfReach, or what the network gave. */
export async function connectWithin(reach: Reach, place: Place, timeoutMs: number): Promise<Socket> {
  reach.check(place);
  const socket = connect({ ...place, lookup: reach.lookup(place.port) });
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => socket.destroy(new Error(`${place.host} does not answer.`)), timeoutMs);
    socket.once("connect", () => {
      clearTimeout(limit);
      socket.removeAllListeners("error");
      resolve();
    });
    socket.once("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
  });
  return socket;
}
