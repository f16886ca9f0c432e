import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { type Need, type Rule, routeRules } from "./permissions.ts";

/** What the table could be weakened in unseen, said once more: each line is a kind of route and the least it may ask for. */

const routes = Object.entries(routeRules);
const asks = (rule: Rule): readonly Need[] => (typeof rule === "string" ? [] : rule);

/** The routes of a kind that ask for less; a kind without a route is a mistake of this list. */
function failing(kind: RegExp, holds: (rule: Rule) => boolean): string[] {
  const kinds = routes.filter(([route]) => kind.test(route));
  expect(kinds.length, String(kind)).toBeGreaterThan(0);
  return kinds.filter(([, rule]) => !holds(rule)).map(([route]) => route);
}

const needs =
  (permission: Need["permission"], place?: Need["in"]) =>
  (rule: Rule): boolean =>
    asks(rule).some((need) => need.permission === permission && (place === undefined || need.in === place));

const inOneOf =
  (...places: Need["in"][]) =>
  (rule: Rule): boolean =>
    asks(rule).every((need) => places.includes(need.in));

it("each kind of route asks for no less than it must", () => {
  expect([
    ...failing(/ \/(people|tokens|keys)/, needs("administer", "everywhere")),
    ...failing(/ \/audit/, needs("administer")),
    ...failing(/^(PUT|DELETE|POST) \/environments(\/:environment)?$/, needs("administer")),
    ...failing(/^PUT .*connections\/:name(\/\w+)?$/, needs("administer", "path")),
    ...failing(/ .*\/(pause|resume|test|approve|make-full|stop|roll-back|take-up|preview-answer)$/, needs("operate", "path")),
    ...failing(/^(PUT|DELETE) .*\/deployments/, needs("operate", "path")),
    ...failing(/^(PUT|POST|DELETE) .*\/tables/, needs("operate", "path")),
    ...failing(/^POST .*\/(cancel|replay|retry|retry-edited|resolve)$/, needs("operate")),
    ...failing(/^POST \/(replays|dead-letters\/(close|annotate|retry))$/, needs("operate")),
    ...failing(/^(PUT|POST|DELETE) \/(flows|imports)(?!\/validate)/, needs("design")),
    // What names an environment is asked for there, not "in some environment".
    ...failing(/:environment/, inOneOf("path", "everywhere")),
    ...failing(/^GET \/(runs|dead-letters)/, inOneOf("query", "run", "letter")),
  ]).toEqual([]);
});

it("nothing but sign-in and set-up is open, and nothing changes anything by the right to see", () => {
  const open = routes.filter(([, rule]) => typeof rule === "string").map(([route]) => route);
  expect(open.filter((route) => !/ \/(session|set-up)/.test(route))).toEqual([]);
  const seen = routes.filter(
    ([route, rule]) => !route.startsWith("GET ") && asks(rule).some(({ permission }) => permission === "see"),
  );
  // They change nothing, though they are sent with a body.
  expect(seen.map(([route]) => route).sort()).toEqual(["POST /flows/validate", "POST /runs/:id/masked-message"]);
});

it("no route is left out of the API's document, from which the tests take all there are, but the document itself", () => {
  const folder = fromRoot("runtime");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"),
  );
  const hidden = sources.flatMap((path) =>
    readFileSync(join(folder, path), "utf8")
      .split("\n")
      .filter((line) => /\bhide: /.test(line))
      .map((line) => line.trim()),
  );
  expect(hidden).toEqual([`app.get("/api/openapi.json", { schema: { hide: true } }, () => app.swagger());`]);
});
