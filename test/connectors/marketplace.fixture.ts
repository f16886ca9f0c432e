import type { Description } from "./description.fixture.ts";
import type { Known } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** How one operation is tested. Items of operations that send come from its sample. */
export interface Tested {
  /** The official description that judges its requests; absent where none is at hand. */
  by?: Description;
  /** Further configs of the node, each judged as well. */
  configs?: Tree[];
  /** Polls: what later pages are asked for with. */
  pages?: unknown[];
  /** Polls: the system's answer with a record. */
  page?: (record: unknown) => unknown;
  /** The description of its answer contradicts what the system gives: its own example (Walmart), real receipts (Etsy). */
  answersOtherwise?: true;
  /** Sources: the mapping that makes a canonical order of each sample. */
  mapping?: string;
}

/** How its simulator is filled with orders, and by which source they are to come out again. */
export interface Simulated {
  source: string;
  ledger: string;
  /** A sample of the source as another order: its key, and what changed when. */
  order: (sample: Tree, index: number, at: Date) => { key: string; record: Tree };
}

export interface Marketplace extends Known {
  /** What judges the test of a connection; absent where no description is at hand. */
  testBy?: Description;
  operations: Record<string, Tested>;
  simulated: Simulated[];
  /** Sources whose samples have to be there before anything can be sent to the simulator. */
  placed?: string[];
}
