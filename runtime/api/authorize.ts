import type { FastifyRequest } from "fastify";
import { sql } from "kysely";
import type { Db } from "#runtime/store/database.ts";
import { isId } from "#runtime/store/ids.ts";
import { permits, permitsSomewhere, rolesAllowing } from "#schemas/people.ts";
import { callerOf } from "./caller.ts";
import { ApiFailure } from "./errors.ts";
import type { Need } from "./permissions.ts";

/** Refuses what the caller's grants do not allow, before the body is looked at more closely than for this. */
export function authorize(db: Db): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const rule = request.routeOptions.config.rule;
    if (rule === undefined || rule === "open") return;
    const { grants, personId } = callerOf(request);
    if (rule === "signedIn") {
      if (personId === null) throw new ApiFailure("noPerson");
      return;
    }
    for (const need of rule) {
      if (permits(grants, need.permission, null)) continue;
      if (need.in === "any") {
        if (!permitsSomewhere(grants, need.permission)) throw refusal(need, null);
        continue;
      }
      const named = await environmentsOf(db, request, need);
      // Nothing is named: it is about all environments.
      if (named === undefined) throw refusal(need, null);
      const lacking = named.find((environment) => !permits(grants, need.permission, environment));
      if (lacking !== undefined) throw refusal(need, lacking);
    }
  };
}

/** What is said to somebody who lacks a permission. */
export function refusal({ permission, in: place }: Need, environment: string | null): ApiFailure {
  const roles = rolesAllowing(permission).join(" or ");
  const where = environment === null ? (place === "any" ? "some environment" : "all environments") : environment;
  const hint = place === "query" && environment === null ? "Name an environment in which you hold it." : undefined;
  return new ApiFailure("forbidden", { roles, where }, { hint });
}

/** The environments that a request is about; undefined when it names none. Ids that nobody knows are about none: they are answered as missing. */
async function environmentsOf(db: Db, request: FastifyRequest, need: Need): Promise<string[] | undefined> {
  const params = fields(request.params);
  const body = fields(request.body);
  switch (need.in) {
    case "path":
      return one(params.environment);
    case "query":
      return one(fields(request.query).environment);
    case "filter":
      return one(fields(body.filter).environment);
    case "deployTo":
      return texts(body.deployTo);
    case "run":
      return environmentsIn(db, "run", texts([params.id]));
    case "letter":
      return environmentsIn(db, "dead_letter", texts([params.id]));
    case "letters":
      return environmentsIn(db, "dead_letter", texts(body.ids));
    default:
      return undefined;
  }
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const one = (value: unknown): string[] | undefined => (typeof value === "string" ? [value] : undefined);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

async function environmentsIn(db: Db, table: "run" | "dead_letter", ids: string[]): Promise<string[]> {
  const { rows } = await sql<{ environment: string }>`
    select distinct environment from ${sql.table(table)} where id = any(${ids.filter(isId)}::uuid[])`.execute(db);
  return rows.map(({ environment }) => environment);
}
