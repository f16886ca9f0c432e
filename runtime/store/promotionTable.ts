import type { Generated } from "kysely";
import type { CanarySettings } from "#schemas/canary.ts";
import type { KeptReview, Promotion } from "#schemas/promotion.ts";
import type { Json, Time } from "./columns.ts";

export interface PromotionTable {
  id: string;
  flow_id: string;
  environment: string;
  version_id: string;
  base_id: string | null;
  hash: string;
  state: Promotion["state"];
  note: string;
  slots: Json<Record<string, string>>;
  found_slots: Json<Record<string, string>> | null;
  base_slots: Json<Record<string, string>> | null;
  acknowledged: string[];
  review: Json<KeptReview>;
  requested_at: Time;
  requested_by: string;
  approved_at: Time | null;
  approved_by: string | null;
  alone: Generated<boolean>;
  by_person: Generated<boolean>;
  samples: string | null;
  activate_at: Time | null;
  canary: Json<CanarySettings | null>;
  canary_at: Time | null;
  activated_at: Time | null;
  ended_at: Time | null;
  ended_by: string | null;
  reason: string | null;
}
