import { SaxesParser } from "saxes";
import type { Format } from "#schemas/format.ts";
import { DEFAULT_MAX_DEPTH, forbiddenKeys } from "#schemas/json.ts";
import { unreadable, unwritable } from "./formatError.ts";

type XmlFormat = Extract<Format, { type: "xml" }>;
type Element = Record<string, unknown>;

/** An element under way: what it holds so far. */
interface Open {
  name: string;
  /** Names from the root, divided by dots. */
  path: string;
  value: Element;
  text: string;
}

/** The text of an element that has attributes or elements too. */
const TEXT = "#text";
/** Before the name of an attribute. */
const ATTRIBUTE = "@";

/**
 * An XML document as `{ root: ... }`: an element of text alone is that text, any other an object of its elements, its
 * attributes (`@name`) and its text (`#text`); one that comes again is a list. A document type is refused, so no entity
 * is ever expanded and nothing is fetched. Throws FormatError with line and column.
 */
export function readXml(text: string, format: XmlFormat, maxDepth: number = DEFAULT_MAX_DEPTH): Element {
  const arrays = new Set(format.arrays);
  const result: Element = {};
  const open: Open[] = [];
  const parser = new SaxesParser({ xmlns: false, position: true });
  const refuse = (message: string): never => {
    throw unreadable(`The XML cannot be read at line ${parser.line}, column ${parser.column}: ${message}`);
  };
  const named = (name: string): string => {
    const local = format.prefixes === "drop" ? name.slice(name.indexOf(":") + 1) : name;
    return forbiddenKeys.has(local) ? refuse(`the name "${local}" is not allowed.`) : local;
  };
  parser.on("error", (error) => refuse(error.message.replace(/^\d+:\d+: /, "")));
  parser.on("doctype", () => refuse("it has a document type, which is not allowed."));
  parser.on("opentag", ({ name: full, attributes }) => {
    const name = named(full);
    const above = open.at(-1);
    if (open.length >= maxDepth) refuse(`its elements are nested deeper than ${maxDepth} levels.`);
    const value: Element = {};
    for (const [key, given] of Object.entries(attributes)) {
      if (format.prefixes === "drop" && /^xmlns(:|$)/.test(key)) continue;
      const attribute = ATTRIBUTE + named(key);
      if (Object.hasOwn(value, attribute)) refuse(`two attributes are called "${named(key)}" without their prefixes.`);
      value[attribute] = given;
    }
    open.push({ name, path: above ? `${above.path}.${name}` : name, value, text: "" });
  });
  const characters = (more: string): void => {
    const into = open.at(-1);
    if (into) into.text += more;
  };
  parser.on("text", characters);
  parser.on("cdata", characters);
  parser.on("closetag", () => {
    const closed = open.pop();
    if (closed) add(open.at(-1)?.value ?? result, closed, arrays.has(closed.path));
  });
  parser.write(text.replace(/^\ufeff/, "")).close();
  return result;
}

function add(into: Element, { name, value, text }: Open, list: boolean): void {
  const bare = Object.keys(value).length === 0;
  const content = bare ? (/\S/.test(text) ? text : "") : /\S/.test(text) ? { ...value, [TEXT]: text.trim() } : value;
  const before = Object.hasOwn(into, name) ? into[name] : undefined;
  if (Array.isArray(before)) before.push(content);
  else into[name] = before === undefined ? (list ? [content] : content) : [before, content];
}

/**
 * What `readXml` reads, as text: one root element. A list is its element again and again; nothing is left out. Throws
 * FormatError. Our own, since it is the mirror of the reader and checks names and characters, which builders do not.
 */
export function writeXml(value: unknown): string {
  const entries = Object.entries(isElement(value) ? value : {}).filter(([, content]) => content !== undefined);
  const [root, ...more] = entries;
  if (!root || more.length > 0 || Array.isArray(root[1]))
    throw unwritable("XML has one root element: give an object with one key.");
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root[0], root[1])}\n`;
}

const isElement = (value: unknown): value is Element => typeof value === "object" && value !== null && !Array.isArray(value);

function element(name: string, content: unknown): string {
  if (content === undefined) return "";
  if (Array.isArray(content)) return content.map((each) => element(name, each)).join("");
  const tag = checkedName(name);
  if (!isElement(content)) return around(tag, "", escaped(content, name));
  const attributes: string[] = [];
  const inner: string[] = [];
  for (const [key, each] of Object.entries(content)) {
    if (each === undefined) continue;
    if (key === TEXT) inner.push(escaped(each, name));
    else if (key.startsWith(ATTRIBUTE)) attributes.push(` ${checkedName(key.slice(1))}="${escaped(each, key)}"`);
    else inner.push(element(key, each));
  }
  return around(tag, attributes.join(""), inner.join(""));
}

const around = (tag: string, attributes: string, inner: string): string =>
  inner === "" ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${inner}</${tag}>`;

function checkedName(name: string): string {
  if (/^[\p{L}_][\p{L}\p{N}._-]*(:[\p{L}_][\p{L}\p{N}._-]*)?$/u.test(name)) return name;
  throw unwritable(`${JSON.stringify(name)} is no name of an XML element or attribute.`);
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

function escaped(value: unknown, name: string): string {
  if (value === null) return "";
  if (typeof value === "object") throw unwritable(`"${name}" of the XML is a list or an object where text belongs.`);
  const text = String(value);
  // Characters that no XML document may hold, also not as a reference.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) {
    throw unwritable(`"${name}" of the XML holds a control character.`);
  }
  return text.replace(/[&<>"\t\n\r]/g, (each) => entities[each] ?? each);
}
