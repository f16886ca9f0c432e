import { sql } from "kysely";
import type { FilesOrigin, FlowFiles } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { flowHash } from "./draftChanges.ts";
import { tellDraft } from "./draftSittings.ts";
import { transact } from "./durable.ts";

export interface PushedFiles {
  flow: Flow;
  /** Null where something that the flow uses does not exist. */
  versionHash: string | null;
  origin: FilesOrigin | null;
}

/** Notes that a flow is now what files say. */
export async function notePushed(db: Db, { flow, versionHash, origin }: PushedFiles, actor: string): Promise<void> {
  await transact(db, "flow.draft", async (tx) => {
    await tellDraft(tx, flow.id);
    await sql`
      insert into flow_files (flow_id, flow_hash, version_hash, origin, pushed_at, pushed_by)
      values (${flow.id}, ${flowHash(flow)}, ${versionHash ?? ""}, ${origin && JSON.stringify(origin)}, clock_now(), ${actor})
      on conflict (flow_id, flow_hash, version_hash) do update set origin = excluded.origin, pushed_at = excluded.pushed_at,
        pushed_by = excluded.pushed_by`.execute(tx);
    const detail = { hash: versionHash, origin };
    await audit(tx, { actor, action: "flow.pushed", environment: null, subject: flow.id, detail });
  });
}

/** How a flow stands to the files it was last pushed from; undefined when it never was. */
export async function readFlowFiles(db: Db, draft: Flow): Promise<FlowFiles | undefined> {
  const { rows } = await sql<{
    flowHash: string;
    versionHash: string;
    origin: FilesOrigin | null;
    pushedAt: Date;
    pushedBy: string;
  }>`
    select flow_hash as "flowHash", version_hash as "versionHash", origin, pushed_at as "pushedAt", pushed_by as "pushedBy"
    from flow_files where flow_id = ${draft.id} order by pushed_at desc limit 1`.execute(db);
  const [newest] = rows;
  if (!newest) return undefined;
  const { rows: running } = await sql<{ environment: string; number: number; hash: string; pushed: boolean }>`
    select d.environment, v.number, v.hash,
      exists (select 1 from flow_files f where f.flow_id = v.flow_id and f.version_hash = v.hash) as pushed
    from deployment d join deployment_version dv on dv.deployment_id = d.id join version v on v.id = dv.version_id
      join environment e on e.id = d.environment
    where d.flow_id = ${draft.id} order by e.position, v.number`.execute(db);
  const { origin, pushedAt, pushedBy, versionHash } = newest;
  return {
    origin,
    pushedAt: pushedAt.toISOString(),
    pushedBy,
    hash: versionHash,
    draft: flowHash(draft) === newest.flowHash ? "same" : "changed",
    deployments: running.map(({ environment, number, hash, pushed }) => ({
      environment,
      number,
      standing: hash === versionHash ? "same" : pushed ? "older" : "other",
    })),
  };
}
