import { sql } from "kysely";
import type { Catalog } from "#nodes/lock.ts";
import { lockAge } from "#nodes/lockAge.ts";
import type { Lock } from "#nodes/plan.ts";
import type { Db } from "#runtime/store/database.ts";
import type { Problem } from "#schemas/problem.ts";

/** Versions whose makings are remembered; a draft is saved while somebody types. */
const MOST_REMEMBERED = 500;

type Makings = Parameters<typeof lockAge>[0];

/** What has become old of the versions that run: said at the draft, from which the next version is made. */
export function versionAges(db: Db, catalog: Catalog) {
  const known = new Map<string, Makings>();

  const makingsOf = async (id: string): Promise<Makings> => {
    const found = known.get(id);
    if (found) return found;
    const row = await db.selectFrom("version").select("lock").where("id", "=", id).executeTakeFirstOrThrow();
    const lock = JSON.parse(row.lock) as Lock;
    const pick = <Whole, Part>(all: Record<string, Whole>, part: (one: Whole) => Part) =>
      Object.fromEntries(Object.entries(all).map(([name, one]) => [name, part(one)]));
    const makings: Makings = {
      connectors: pick(lock.connectors, ({ id: connector, title, version, lifecycle }) => ({
        id: connector,
        title,
        version,
        lifecycle,
      })),
      manifests: pick(lock.manifests, ({ type, title, lifecycle }) => ({ type, title, ...(lifecycle ? { lifecycle } : {}) })),
    };
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(id, makings);
    return makings;
  };

  return {
    /** One warning for all of them that run in an environment which is seen; none where everything that runs is in use. */
    async ofRunning(flow: string, sees: (environment: string) => boolean): Promise<Problem[]> {
      const { rows } = await sql<{ id: string; number: number; environments: { id: string; title: string }[] }>`
        select v.id, v.number, json_agg(json_build_object('id', e.id, 'title', e.title) order by e.position) as environments
        from deployment d join deployment_version dv on dv.deployment_id = d.id join version v on v.id = dv.version_id
          join environment e on e.id = d.environment
        where d.flow_id = ${flow} group by v.id, v.number order by v.number`.execute(db);
      const running = rows.flatMap(({ environments, ...version }) => {
        const titles = environments.filter((each) => sees(each.id)).map(({ title }) => title);
        return titles.length > 0 ? [{ ...version, titles }] : [];
      });
      const said = await Promise.all(
        running.map(async ({ id, number, titles }) => ({
          number,
          titles,
          ages: lockAge(await makingsOf(id), catalog, new Date()),
        })),
      );
      const old = said.filter(({ ages }) => ages.length > 0);
      if (old.length === 0) return [];
      const sentences = old.map(
        ({ number, titles, ages }) =>
          `Version ${number} runs in ${titles.join(", ")}. ${ages.map(({ message }) => message).join(" ")}`,
      );
      const hints = [...new Set(old.flatMap(({ ages }) => ages.map(({ hint }) => hint)))];
      return [{ code: "version.old", severity: "warning", pointer: "", message: sentences.join(" "), hint: hints.join(" ") }];
    },
  };
}
