import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { publishVersion, readDraft, saveDraft } from "../flows.ts";
import { lineageOf } from "../promotionAuthors.ts";
import { numbered, openStoreWithVersions } from "../promotions.fixture.ts";
import { keepSample } from "../samples.ts";
import type { Store } from "../store.fixture.ts";
import { restoreVersion } from "../versions.ts";
import { up } from "./0040_restored_from.ts";

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());

it("what was restored, and whose samples were kept, before that was noted is found in the audit", async () => {
  const { db } = store;
  const draft = async () => {
    const found = await readDraft(db, sandboxFlow);
    if (!found) throw new Error("no draft");
    return found;
  };
  await restoreVersion(db, sandboxFlow, 2, (await draft()).revision, "carol");
  const { revision, flow } = await draft();
  await saveDraft(db, sandboxFlow, revision, { ...flow, name: "Four" }, "carol");
  await publishVersion(db, (await draft()).flow, (await numbered(store, 1)).lock, "", "carol");
  await restoreVersion(db, sandboxFlow, 3, (await draft()).revision, "carol");
  await keepSample(db, { flow: sandboxFlow, name: "gift", body: "1", revision: 0 }, { samplesPerFlow: 9 }, "sam");
  const noted = async () => ({
    versions: Object.fromEntries(
      (await lineageOf(db, sandboxFlow)).versions.map(({ number, restoredFrom }) => [number, restoredFrom]),
    ),
    draft: await db
      .selectFrom("draft")
      .select(["restored_from", "editors"])
      .where("flow_id", "=", sandboxFlow)
      .executeTakeFirst(),
  });
  const before = await noted();
  expect(before).toEqual({ versions: { 1: [], 2: [], 3: [], 4: [2] }, draft: { restored_from: [3], editors: ["carol", "sam"] } });
  await sql`update draft set editors = array_remove(editors, 'sam')`.execute(db);
  for (const table of ["draft", "version"]) await sql`alter table ${sql.table(table)} drop column restored_from`.execute(db);
  await up(db as unknown as Kysely<unknown>);
  expect(await noted()).toEqual(before);
});
