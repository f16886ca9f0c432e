import ipaddr from "ipaddr.js";

/** What an address is when it is nobody's on the open internet. */
export const ranges = [
  "loopback",
  "private",
  "uniqueLocal",
  "carrierGrade",
  "linkLocal",
  "multicast",
  "reserved",
  "metadata",
] as const;
export type Range = (typeof ranges)[number];

/**
 * Where clouds hand out the credentials of the machine that asks: AWS, Azure, Google, Oracle, Alibaba and their container
 * services. They lie in other ranges; none of those lets them be reached.
 */
const metadataAddresses = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "168.63.129.16",
  "192.0.0.192",
  "100.100.100.200",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
]);

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address without the wrapping in which IPv6 carries one of IPv4; undefined for what is none. */
export function addressOf(text: string): Address | undefined {
  if (!ipaddr.isValid(text) || (ipaddr.IPv4.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text))) return undefined;
  const address = ipaddr.parse(text);
  return address instanceof ipaddr.IPv6 ? (carried(address) ?? address) : address;
}

/** The range of an address; null for one of the open internet. What is no address at all is reserved. */
export function rangeOf(text: string): Range | null {
  const address = addressOf(text);
  if (!address) return "reserved";
  if (metadataAddresses.has(plain(address))) return "metadata";
  const range = address.range();
  switch (range) {
    case "unicast":
      return address instanceof ipaddr.IPv6 && !address.match(globalUnicast) ? "reserved" : null;
    case "loopback":
    case "private":
    case "uniqueLocal":
    case "linkLocal":
    case "multicast":
      return range;
    // Of no machine in particular: a connection to it is one to this machine.
    case "unspecified":
      return "loopback";
    case "carrierGradeNat":
      return "carrierGrade";
    default:
      return "reserved";
  }
}

/** An address as it is compared: without the interface that a link-local one may name. */
export const plain = (address: Address): string => (address instanceof ipaddr.IPv6 ? withoutZone(address) : address).toString();

const withoutZone = ({ parts }: ipaddr.IPv6): ipaddr.IPv6 => new ipaddr.IPv6(parts);

/** All that is given out of IPv6 so far. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
/** Written so before there were the mapped ones; some systems still go to the address inside. */
const compatible: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("::"), 96];

/** The IPv4 address inside a mapped, translated (NAT64) or 6to4 one: that is where it leads. */
function carried(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const [, first = 0, second = 0, , , , seventh = 0, eighth = 0] = address.parts;
  const ofParts = (high: number, low: number) => new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  switch (address.range()) {
    case "ipv4Mapped":
    case "rfc6052":
    case "rfc6145":
      return ofParts(seventh, eighth);
    case "6to4":
      return ofParts(first, second);
    case "unicast":
      return address.match(compatible) ? ofParts(seventh, eighth) : undefined;
    default:
      return undefined;
  }
}
