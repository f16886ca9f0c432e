import type pg from "pg";
import type { Role } from "#schemas/people.ts";

/** What each role may, written down once more, by hand: what the product says of itself is what is tested. */
export const may: Record<Role, string[]> = {
  viewer: ["see"],
  analyst: ["see", "design", "request"],
  operator: ["see", "request", "operate"],
  admin: ["see", "design", "request", "operate", "administer"],
};

export type Rule = "open" | "signedIn" | { permission: string; in: string }[];

export interface Route {
  method: string;
  /** As the API's document has it, with `{name}`. */
  path: string;
  rule: Rule | undefined;
}

/** The routes of the API's own document. */
export const routesIn = ({ paths }: { paths: Record<string, Record<string, { "x-permission"?: Rule }>> }): Route[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      rule: operation["x-permission"],
    })),
  );

/** Whether a role is let in: `own` where it is granted in the environment that the request names. */
export const allowed = (rule: Rule, role: Role, own: boolean, everywhere: boolean): boolean =>
  rule === "open" ||
  (rule !== "signedIn" &&
    rule.every(
      (need) => may[role].includes(need.permission) && (everywhere || need.in === "any" || (need.in !== "everywhere" && own)),
    ));

/** By environment: the id of something of each kind that routes name. */
export type Things = Record<string, Record<"run" | "letter" | "promotion" | "subscription", string>>;

/** Makes one of each in some environments, of a message that came in; nothing works on them. */
export async function makeThings(client: pg.Pool, receipt: string, environments: readonly string[]): Promise<Things> {
  const idOf = async (statement: string, values: unknown[]): Promise<string> =>
    (await client.query(statement, values)).rows[0].id;
  const first = await idOf("select id from run where message_id = $1", [receipt]);
  const things: Things = {};
  for (const environment of environments) {
    const run = await idOf(
      `insert into run select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'environment', $2::text))).*
       from run r where id = $1 returning id`,
      [first, environment],
    );
    const letter = await idOf(
      `insert into dead_letter (id, task_id, run_id, message_id, environment, flow_id, version_number, node_id, class, reason,
         attempts, created_at)
       select gen_random_uuid(), gen_random_uuid(), id, message_id, $2, flow_id, version_number, 'erp', 'invalid',
         '{"code": "x", "message": "X."}', 1, now() from run where id = $1 returning id`,
      [run, environment],
    );
    const promotion = await idOf(
      `insert into promotion (id, flow_id, environment, version_id, hash, state, note, slots, acknowledged, review, requested_at,
         requested_by)
       select gen_random_uuid(), v.flow_id, $2, v.id, v.hash, 'withdrawn', '', '{}', '{}', '{"checks": [], "risks": [], "diff":
         {"environment": "dev", "messages": 0, "same": 0, "differing": 0, "unknown": 0, "groups": []}}', now(), 'ada'
       from run r join version v on v.id = r.version_id where r.id = $1 returning id`,
      [run, environment],
    );
    const binding = await idOf(
      `insert into source_binding (id, environment, flow_id, node_id, connection_id, created_at)
       select gen_random_uuid(), $2, flow_id, 'elsewhere', connection_id, now() from source_binding where environment = 'dev'
       and flow_id = (select flow_id from run where id = $1) limit 1 returning id`,
      [run, environment],
    );
    const subscription = await idOf(
      `insert into webhook_subscription (binding_id, version_id, wanted, created_at)
       select $2, version_id, false, now() from run where id = $1 returning binding_id as id`,
      [run, binding],
    );
    things[environment] = { run, letter, promotion, subscription };
  }
  return things;
}

/** A request to a route that names an environment in every way that there is. */
export function requestTo({ method, path, rule }: Route, environment: string, things: Things): { path: string; body: unknown } {
  const place = Array.isArray(rule) ? rule.map((need) => need.in) : [];
  const { run, letter } = things[environment] ?? {};
  const id = place.includes("run") ? run : place.includes("letter") ? letter : undefined;
  // What is taken away would be missed by the tests that follow.
  const flow = method === "DELETE" ? "no-such" : "shopify-order-to-cash";
  const values: Record<string, string> = { environment, flow, number: "1", name: "no-such" };
  const address = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    name === "id" ? (id ?? "00000000-0000-7000-8000-000000000000") : (values[name] ?? "x"),
  );
  const body = { filter: { environment }, ids: [letter], deployTo: [environment] };
  return {
    path: place.includes("query") ? `${address}?environment=${environment}` : address,
    body: method === "GET" ? undefined : body,
  };
}
