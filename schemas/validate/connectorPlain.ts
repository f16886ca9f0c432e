import { isObject, objectOf } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import type { Report } from "./connectorContext.ts";
import { quote, suggestion } from "./wording.ts";

type Json = Record<string, unknown>;

/** Requests of an operation that go to an address of the web, by their place in it. */
const requestWays: readonly string[][] = [
  ["request"],
  ["fetch"],
  ["acknowledge"],
  ["idempotency", "lookup", "request"],
  ...["list", "create", "renew", "delete"].map((want) => ["subscription", want]),
];

const byWeb = ["http", "webhook", "poll"];

/** What is below a base URL begins with a slash, or with what makes the whole path. */
function checkPath(path: unknown, subject: string, pointer: string, report: Report): void {
  if (typeof path !== "string" || path.startsWith("/") || path.startsWith("{{")) return;
  const whole = /^https?:/i.test(path);
  const message = whole
    ? `${subject} has the path ${quote(path)}, a whole address; requests go below "baseUrl".`
    : `${subject} has the path ${quote(path)}, which does not begin with "/".`;
  const hint = whole ? 'Put the host into "baseUrl" or "baseUrls", and the rest here.' : `Write ${quote(`/${path}`)}.`;
  report({ code: "connector.path", pointer, message, hint });
}

/** What is required is there to be filled in. */
function checkRequired(schema: unknown, subject: string, pointer: (place: string) => string, report: Report): void {
  const { required, properties } = objectOf(schema);
  if (!Array.isArray(required)) return;
  const known = Object.keys(objectOf(properties));
  required.forEach((name: unknown, place) => {
    if (typeof name !== "string" || known.includes(name)) return;
    const message = `${subject} requires the setting ${quote(name)}, which its "properties" do not have: nobody could fill it in.`;
    report({
      code: "connector.requiredUnknown",
      pointer: pointer(String(place)),
      message,
      hint: suggestion(name, known, "settings"),
    });
  });
}

function checkTitles(operations: [string, Json][], report: Report): void {
  const first = new Map<string, string>();
  for (const [name, { title }] of operations) {
    if (typeof title !== "string") continue;
    const other = first.get(title);
    if (other === undefined) {
      first.set(title, name);
      continue;
    }
    const message = `Operation ${quote(name)} has the title ${quote(title)}, as ${quote(other)} has: nobody could tell them apart.`;
    const pointer = pointerOf("operations", name, "title");
    report({ code: "connector.titleTwice", pointer, message, hint: "Say in the title what is different." });
  }
}

/** What can be seen of a connector without reading its expressions. */
export function checkPlain(connector: Json, report: Report): void {
  const operations = Object.entries(objectOf(connector.operations)).flatMap(([name, each]): [string, Json][] =>
    isObject(each) ? [[name, each]] : [],
  );
  checkRequired(connector.connection, "The connection", (place) => pointerOf("connection", "required", place), report);
  checkTitles(operations, report);
  checkPath(objectOf(connector.test).path, 'The connector\'s "test"', pointerOf("test", "path"), report);
  for (const [name, operation] of operations) {
    const subject = `Operation ${quote(name)}`;
    checkRequired(operation.config, subject, (place) => pointerOf("operations", name, "config", "required", place), report);
    if (!byWeb.includes(String(operation.transport))) continue;
    for (const way of requestWays) {
      const request = way.reduce<unknown>((value, step) => objectOf(value)[step], operation);
      checkPath(objectOf(request).path, subject, pointerOf("operations", name, ...way, "path"), report);
    }
    const steps = Array.isArray(operation.steps) ? operation.steps : [];
    steps.forEach((step: unknown, place) => {
      const pointer = pointerOf("operations", name, "steps", String(place), "request", "path");
      checkPath(objectOf(objectOf(step).request).path, subject, pointer, report);
    });
  }
}
