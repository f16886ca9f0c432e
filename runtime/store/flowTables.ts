import type { Generated } from "kysely";
import type { VersionState } from "#schemas/api.ts";
import type { Json, Time } from "./columns.ts";
import type { Sitting } from "./draftSittings.ts";

/** What is kept of flows themselves: what is drawn, and what was published of it. */
export interface FlowTables {
  flow: { id: string; created_at: Time; created_by: string; archived_at: Time | null; samples_of: string | null };
  draft: {
    flow_id: string;
    revision: number;
    body: string;
    updated_at: Time;
    updated_by: string;
    sitting: Json<Sitting | null>;
    sitting_from: string | null;
    editors: Generated<string[]>;
    restored_from: Generated<number[]>;
  };
  flow_sample: {
    flow_id: string;
    name: string;
    body: string;
    revision: number;
    updated_at: Time;
    updated_by: string;
    pushed: Generated<boolean>;
  };
  version: {
    id: string;
    flow_id: string;
    number: number;
    hash: string;
    flow: string;
    lock: string;
    note: string;
    samples: string | null;
    samples_published: string | null;
    samples_at: Time | null;
    samples_by: string | null;
    state: Generated<VersionState>;
    state_at: Time | null;
    state_by: string | null;
    created_at: Time;
    created_by: string;
    authors: Generated<string[]>;
    restored_from: Generated<number[]>;
  };
}
