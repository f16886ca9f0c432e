/** What makes a value personal; each kind has pseudonyms of its own shape. */
export const personalKinds = [
  "email",
  "phone",
  "name",
  "company",
  "street",
  "taxId",
  "account",
  "userName",
  "note",
  "ip",
  "birthDate",
  "place",
  "postalCode",
  "token",
  "web",
] as const;
export type PersonalKind = (typeof personalKinds)[number];

/** Of these the area, the year or the region stays: the value is made coarser, not another one. */
export const coarsened: ReadonlySet<PersonalKind> = new Set(["birthDate", "place", "postalCode"]);

/** The words of a field's name: `billing_address`, `BuyerEMail` and "Ship to name" are told alike. */
export const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");

const any = (...names: string[]): ReadonlySet<string> => new Set(names);

/** Who an object or a field is about. Below one of these a plain `name` is a person's. */
const people = any(
  ...[
    "customer",
    "buyer",
    "shopper",
    "recipient",
    "receiver",
    "consignee",
    "person",
    "contact",
    "purchaser",
    "attention",
    "attn",
  ],
  ...[
    "address",
    "addresses",
    "shipto",
    "billto",
    "addressee",
    "owner",
    "partner",
    "guest",
    "member",
    "shipping",
    "billing",
    "delivery",
  ],
);

/** Things whose names are not people's, though they stand within what is about a person. */
const things = any(
  ...["product", "item", "items", "line", "lines", "sku", "variant", "shop", "store", "channel", "carrier", "service", "method"],
  ...["country", "state", "province", "region", "city", "currency", "tax", "discount", "coupon", "fee", "event", "file", "rate"],
  ...["marketplace", "warehouse", "location", "brand", "category", "status", "type", "code"],
);

const emails = any("email", "emails", "mail", "emailaddress", "mailaddress");
const phones = any(
  ...["phone", "phones", "telephone", "mobile", "fax", "cell", "cellphone", "tel", "msisdn"],
  ...["phonenumber", "mobilenumber", "telephonenumber", "faxnumber"],
);
const givenNames = any(
  "firstname",
  "lastname",
  "fullname",
  "surname",
  "forename",
  "familyname",
  "givenname",
  "middlename",
  "nickname",
);
const companies = any("company", "companyname", "organisation", "organization", "employer");
const streets = any(
  "street",
  "street1",
  "street2",
  "address1",
  "address2",
  "address3",
  "addr1",
  "addr2",
  "addressline",
  "line1",
  "line2",
  "line3",
  "housenumber",
  "building",
  "apartment",
  "apt",
  "suite",
);
const taxIds = any(
  ...[
    "taxid",
    "vatid",
    "vatnumber",
    "vatregistration",
    "taxnumber",
    "ssn",
    "cpf",
    "cnpj",
    "eori",
    "nif",
    "passport",
    "taxpayerid",
  ],
);
const accounts = any("iban", "accountnumber", "bankaccount", "cardnumber", "pan");
const userNames = any("username", "login", "userid", "screenname", "nick");
const notes = any(
  ...["note", "notes", "comment", "comments", "remark", "remarks", "instructions", "memo", "greeting", "giftmessage", "giftnote"],
);
const ips = any("ip", "ipaddress", "browserip", "clientip", "remoteip");
const births = any("birthday", "birthdate", "dob", "dateofbirth");
const coordinates = any("latitude", "longitude", "lat", "lng", "lon");
const postalCodes = any("zip", "zipcode", "postalcode", "postcode", "postal", "plz");
const tokens = any("token", "carttoken", "checkouttoken", "sessionid", "cookie", "useragent", "fingerprint", "hash");

/** Segments of X12 and EDIFACT that say who someone is and where. */
const partySegments = any("n1", "n2", "n3", "per", "nad", "com", "cta");

/** What a field's last word, or two of its words together, say; the first that fits counts. */
const byName: readonly (readonly [PersonalKind, ReadonlySet<string>])[] = [
  ["email", emails],
  ["phone", phones],
  ["taxId", taxIds],
  ["account", accounts],
  ["name", givenNames],
  ["userName", userNames],
  ["ip", ips],
  ["birthDate", births],
  ["place", coordinates],
  ["postalCode", postalCodes],
  ["company", companies],
  ["note", notes],
  ["street", streets],
  ["token", tokens],
];

/** Names that tell sums, identities and kinds of goods: their values are never touched, whatever they look like. */
const kept = any(
  ...[
    "sku",
    "gtin",
    "ean",
    "upc",
    "barcode",
    "asin",
    "isbn",
    "mpn",
    "currency",
    "amount",
    "price",
    "total",
    "subtotal",
    "quantity",
    "qty",
  ],
  ...[
    "tax",
    "rate",
    "weight",
    "grams",
    "count",
    "status",
    "date",
    "at",
    "time",
    "timestamp",
    "country",
    "version",
    "type",
    "code",
    "id",
    "gid",
  ],
);

export const isKept = (name: string): boolean => {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  return kept.has(last) || kept.has(words.join(""));
};

/** What a field holds by its name and by the names it stands under, the outermost first. */
export function kindByName(way: readonly string[]): PersonalKind | undefined {
  const name = way.at(-1) ?? "";
  const words = wordsOf(name);
  const last = plain(words.at(-1) ?? "");
  const spellings = [words.join(""), ...words.slice(1).map((word, at) => `${words[at]}${word}`)];
  const tells = (kinds: ReadonlySet<string>): boolean =>
    kinds.has(last) || spellings.some((spelling) => kinds.has(spelling) || kinds.has(plain(spelling)));
  for (const [kind, kinds] of byName) if (tells(kinds)) return kind;
  if (isAddressLine(words)) return "street";
  // What a buyer wrote onto an order or an article.
  if (last === "value" && wordsOf(way.at(-2) ?? "").some((word) => word === "attributes" || word === "properties")) return "note";
  if (isPersonName(words, way)) return "name";
  return way.some((step) => partySegments.has(step.toLowerCase())) ? "note" : undefined;
}

/** Without the number of a line: `Phone2`, `addressLine1`. */
const plain = (word: string): string => word.replace(/\d+$/, "") || word;

/** `address`, `shipping address 1`, `address_line_2` as a text. */
const isAddressLine = (words: readonly string[]): boolean =>
  words.includes("address") && words.every((word) => /^\d$/.test(word) || people.has(word) || word === "line");

function isPersonName(words: readonly string[], way: readonly string[]): boolean {
  const last = words.at(-1);
  if (last === "recipient" || last === "attention" || last === "attn" || last === "addressee" || last === "consignee")
    return true;
  if (last !== "name" && last !== "names" && last !== "first" && last !== "last") return false;
  if (words.some((word) => things.has(word))) return false;
  if (words.some((word) => people.has(word))) return true;
  const around = wordsOf(way.at(-2) ?? "");
  return around.some((word) => people.has(word)) && !around.some((word) => things.has(word));
}

/** An address is no longer behind its @ (RFC 5321), and looked for no further: a long text takes its length. */
const MOST_DOMAIN = 255;
const localEnd = /[^\s@<>"',;:()[\]]$/;
const domainStart = /^[^\s@<>"',;:()[\]]{1,255}\.[a-z]{2,}/i;

function hasEmail(value: string): boolean {
  for (let at = value.indexOf("@"); at >= 0; at = value.indexOf("@", at + 1)) {
    if (!localEnd.test(value.slice(Math.max(0, at - 1), at))) continue;
    if (domainStart.test(value.slice(at + 1, at + 1 + MOST_DOMAIN))) return true;
  }
  return false;
}

const phoneShape = /^\+\d[\d\s().-]{7,}$/;
const ibanShape = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/;
const ipShape = /^(?:\d{1,3}\.){3}\d{1,3}$/;
/** Addresses with a query may open an order to whoever has them. */
const isWebWithQuery = (value: string): boolean => /^https?:\/\/[^\s?]+\?\S+$/i.test(value);

/** What a value is by its shape, wherever it stands. */
export function kindByShape(value: string): PersonalKind | undefined {
  if (hasEmail(value)) return value.trim().includes(" ") || /^https?:/i.test(value) ? "note" : "email";
  if (phoneShape.test(value.trim())) return "phone";
  if (ibanShape.test(value.replaceAll(" ", ""))) return "account";
  if (ipShape.test(value)) return "ip";
  return isWebWithQuery(value) ? "web" : undefined;
}
