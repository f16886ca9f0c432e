import type { Faults } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { Partner } from "./partner.ts";
import type { PartnerFolder } from "./partnerFolder.ts";
import type { Simulator } from "./simulator.ts";
import type { Storefront } from "./storefront.ts";

/** What the control addresses and the simulated systems share. */
export interface Sandbox {
  connections: ReadonlyMap<string, Simulator>;
  /** Those with whom files are exchanged. */
  partners: ReadonlyMap<string, { partner: Partner; folder: PartnerFolder }>;
  faults: Faults;
  storefront: Storefront;
  /** Opens the ledger, or gives the open one. */
  ledger: (connection: string, name: string) => Promise<Ledger>;
  /** Ledgers of a connection that were opened or declared. */
  ledgerNames: (connection: string) => string[];
}
