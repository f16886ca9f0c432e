import type { Permission } from "#schemas/people.ts";

/**
 * Where a permission must be held. `any`: in some environment. `everywhere`: by a grant for everywhere. `path`, `query`,
 * `filter`: in the environment that the address, the query or the body's filter names, everywhere when it names none.
 * `run`, `letter`, `letters`: in the environment of the run or the dead letters named. `deployTo`: in each of the body's.
 */
export type Place = "any" | "everywhere" | "path" | "query" | "filter" | "run" | "letter" | "letters" | "deployTo";

export interface Need {
  permission: Permission;
  in: Place;
}

/** Who may call a route: everybody, whoever has signed in, or who has all that it needs. */
export type Rule = "open" | "signedIn" | readonly Need[];

const need = (permission: Permission, place: Place): Need[] => [{ permission, in: place }];
const configured = need("administer", "everywhere");

/**
 * What each route of the management API needs; the one table, which the API's page shows as `x-permission` and the tests
 * try with every role. A route that is not here needs the most, and fails a test until it is.
 */
export const routeRules: Record<string, Rule> = {
  "GET /session": "open",
  "POST /session": "open",
  "DELETE /session": "open",
  "GET /session/oidc": "open",
  "GET /session/oidc/callback": "open",
  "POST /set-up": "open",
  "PUT /session/password": "signedIn",

  "GET /people": configured,
  "POST /people": configured,
  "PUT /people/:id": configured,
  "GET /tokens": configured,
  "POST /tokens": configured,
  "DELETE /tokens/:id": configured,
  "GET /audit": need("administer", "query"),
  "GET /audit/table": need("administer", "query"),
  "GET /audit/head": configured,
  "GET /audit/export": configured,
  "GET /keys": configured,
  "POST /keys/rotate": configured,

  "GET /system": need("see", "any"),
  "GET /environments": need("see", "any"),
  "GET /node-types": need("see", "any"),
  "GET /node-types/:type/page": need("see", "any"),
  "GET /connectors": need("see", "any"),
  "GET /connectors/:connector": need("see", "any"),

  // Flows are drawn once for all environments; what runs of them belongs to each.
  "GET /flows": need("see", "query"),
  "POST /flows": need("design", "any"),
  "GET /flow-templates": need("see", "any"),
  "POST /flows/validate": need("see", "any"),
  "GET /flows/:flow": need("see", "any"),
  "PUT /flows/:flow/draft": need("design", "any"),
  "GET /flows/:flow/versions": need("see", "any"),
  "POST /flows/:flow/archive": need("design", "any"),
  "POST /flows/:flow/restore": need("design", "any"),
  "POST /flows/:flow/versions": [...need("design", "any"), ...need("operate", "deployTo")],
  "GET /flows/:flow/versions/:number": need("see", "any"),
  "PUT /flows/:flow/versions/:number/state": need("design", "any"),
  "POST /flows/:flow/versions/:number/restore": need("design", "any"),
  "GET /flows/:flow/files": need("see", "any"),
  "GET /export": need("see", "any"),
  "POST /imports": need("design", "any"),
  "GET /flows/:flow/samples": need("see", "any"),
  "GET /flows/:flow/samples/:name": need("see", "any"),
  "PUT /flows/:flow/samples/:name": need("design", "any"),
  "DELETE /flows/:flow/samples/:name": need("design", "any"),

  "POST /environments": configured,
  // That an environment is guarded less takes the right everywhere, which the route looks at itself.
  "PUT /environments/:environment": need("administer", "path"),
  "DELETE /environments/:environment": configured,
  "GET /environments/:environment/status": need("see", "path"),
  "GET /environments/:environment/flows/:flow/status": need("see", "path"),
  "POST /environments/:environment/flows/:flow/samples/:name/send": need("design", "path"),
  "POST /environments/:environment/flows/:flow/nodes/:node/preview-answer": need("operate", "path"),
  "PUT /environments/:environment/deployments/:flow": need("operate", "path"),
  "DELETE /environments/:environment/deployments/:flow": need("operate", "path"),
  "POST /environments/:environment/flows/:flow/promotion-review": need("request", "path"),
  "GET /environments/:environment/flows/:flow/promotions": need("see", "path"),
  // Of whoever does not operate the environment it waits for somebody who does, however little it is guarded.
  "POST /environments/:environment/flows/:flow/promotions": need("request", "path"),
  "POST /environments/:environment/promotions/:id/approve": need("operate", "path"),
  "POST /environments/:environment/promotions/:id/withdraw": need("request", "path"),
  "GET /environments/:environment/promotions/:id/canary": need("see", "path"),
  "POST /environments/:environment/promotions/:id/make-full": need("operate", "path"),
  "POST /environments/:environment/promotions/:id/stop": need("operate", "path"),
  "POST /environments/:environment/promotions/:id/roll-back": need("operate", "path"),
  "POST /environments/:environment/promotions/:id/take-up": need("operate", "path"),
  "GET /environments/:environment/sources": need("see", "path"),
  "GET /environments/:environment/subscriptions": need("see", "path"),
  "POST /environments/:environment/subscriptions/:id/retry": need("operate", "path"),
  "POST /environments/:environment/subscriptions/:id/forget": need("operate", "path"),
  "GET /environments/:environment/connections": need("see", "path"),
  "PUT /environments/:environment/connections/:name": need("administer", "path"),
  "PUT /environments/:environment/connections/:name/concurrency": need("administer", "path"),
  "POST /environments/:environment/connections/:name/test": need("operate", "path"),
  "POST /environments/:environment/connections/:name/pause": need("operate", "path"),
  "POST /environments/:environment/connections/:name/resume": need("operate", "path"),

  // What stands in a table decides what becomes of live messages: it is changed by whoever runs them.
  "GET /environments/:environment/tables": need("see", "path"),
  "GET /environments/:environment/tables/:table": need("see", "path"),
  "GET /environments/:environment/tables/:table/csv": need("see", "path"),
  "PUT /environments/:environment/tables/:table": need("operate", "path"),
  "DELETE /environments/:environment/tables/:table": need("operate", "path"),
  "POST /environments/:environment/tables/:table/rows": need("operate", "path"),
  "POST /environments/:environment/tables/:table/import": need("operate", "path"),

  "GET /runs": need("see", "query"),
  "GET /runs/:id": need("see", "run"),
  "GET /runs/:id/tasks": need("see", "run"),
  "GET /runs/:id/trace": need("see", "run"),
  // Values that are to stay unmasked take the right to operate, which the route looks at itself.
  "POST /runs/:id/masked-message": need("see", "run"),
  "POST /runs/:id/cancel": need("operate", "run"),
  "POST /runs/:id/replay": need("operate", "run"),
  "POST /replays": need("operate", "filter"),

  "GET /dead-letters": need("see", "query"),
  "GET /dead-letters/counts": need("see", "query"),
  "GET /dead-letters/:id": need("see", "letter"),
  "POST /dead-letters/:id/retry": need("operate", "letter"),
  "POST /dead-letters/:id/retry-edited": need("operate", "letter"),
  "POST /dead-letters/:id/resolve": need("operate", "letter"),
  "POST /dead-letters/retry": need("operate", "letters"),
  "POST /dead-letters/close": need("operate", "filter"),
  "POST /dead-letters/annotate": need("operate", "letters"),

  "GET /metrics": need("see", "everywhere"),
};

/** The rule of a route, by its method and its address below `/api/v1`. */
export const ruleOf = (method: string, path: string): Rule =>
  routeRules[`${method === "HEAD" ? "GET" : method} ${path.replace(/^\/api\/v1/, "")}`] ?? configured;
