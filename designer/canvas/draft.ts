import { createContext, use } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { DraftSaved, FlowDetail } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { ApiFailure } from "../api/client.ts";
import { type History, redo, startHistory, step, undo } from "./history.ts";
import type { Operation } from "./operations.ts";

export type SaveState =
  | { kind: "saved" }
  | { kind: "saving" }
  /** Changed, or refused by the server with a reason. */
  | { kind: "unsaved"; reason: string | null }
  | { kind: "conflict"; by: string; at: string; revision: number };

export interface DraftState {
  history: History;
  /** True for a version: what it holds never changes. */
  fixed: boolean;
  /** The revision our changes are based on. */
  revision: number;
  save: SaveState;
  problems: Problem[];
  /** True when the draft differs from the latest version. */
  changed: boolean;
  /** Who saved it elsewhere a moment ago: another person, or the same one in another tab. */
  elsewhere: string | null;
  dispatch: (operation: Operation) => void;
  undo: () => void;
  redo: () => void;
  /** Saves now what is not saved. */
  flush: () => void;
  /** Takes what the server has: after a conflict, or when nothing of ours is unsaved. */
  adopt: (detail: FlowDetail) => void;
  /** Writes our draft over the other one; only after a person has chosen so. */
  overwrite: () => void;
}

export type DraftStore = StoreApi<DraftState>;
export type Save = (flow: Flow, revision: number) => Promise<DraftSaved>;

const quietMs = 600;
const againMs = 5_000;

interface ConflictDetails {
  revision: number;
  updatedAt: string;
  updatedBy: string;
}

const isConflict = (value: unknown): value is ConflictDetails =>
  typeof value === "object" &&
  value !== null &&
  "revision" in value &&
  typeof value.revision === "number" &&
  "updatedBy" in value;

/**
 * A draft that saves itself: a moment after the last change, one save at a time, each based on the revision before.
 * Without an answer it tries again every few seconds; a refusal waits for the next change, a conflict for a person.
 */
export function createDraft(
  detail: FlowDetail,
  save: Save,
  onSaved: (flow: Flow, saved: DraftSaved) => void = () => {},
): DraftStore {
  let savedFlow = detail.flow;
  let flying = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const store = createStore<DraftState>((set, get) => ({
    ...fresh(detail),
    elsewhere: null,
    fixed: false,
    dispatch: (operation) => moveTo(step(get().history, operation, Date.now())),
    undo: () => moveTo(undo(get().history)),
    redo: () => moveTo(redo(get().history)),
    flush: () => void write(),
    adopt: (theirs) => {
      clearTimeout(timer);
      savedFlow = theirs.flow;
      set(fresh(theirs));
    },
    overwrite: () => {
      const { save: state } = get();
      if (state.kind !== "conflict") return;
      set({ revision: state.revision, save: { kind: "unsaved", reason: null } });
      void write();
    },
  }));

  function moveTo(history: History): void {
    const { history: before, save: state } = store.getState();
    if (history === before) return;
    if (state.kind === "conflict") {
      store.setState({ history });
      return;
    }
    store.setState({ history, save: { kind: flying ? "saving" : "unsaved", reason: null } });
    later(quietMs);
  }

  function later(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void write(), ms);
  }

  async function write(): Promise<void> {
    clearTimeout(timer);
    const { history, revision, save: state } = store.getState();
    const flow = history.present;
    if (flying || state.kind === "conflict") return;
    if (flow === savedFlow) {
      store.setState({ save: { kind: "saved" } });
      return;
    }
    flying = true;
    store.setState({ save: { kind: "saving" } });
    try {
      const answer = await save(flow, revision);
      savedFlow = flow;
      flying = false;
      const current = store.getState().history.present === flow;
      store.setState({ ...answer, save: current ? { kind: "saved" } : { kind: "saving" } });
      onSaved(flow, answer);
      if (!current) later(quietMs);
    } catch (raw) {
      flying = false;
      failed(raw);
    }
  }

  function failed(raw: unknown): void {
    if (raw instanceof ApiFailure && raw.code === "draftConflict" && isConflict(raw.details)) {
      const { revision, updatedBy, updatedAt } = raw.details;
      store.setState({ save: { kind: "conflict", by: updatedBy, at: updatedAt, revision } });
      return;
    }
    store.setState({ save: { kind: "unsaved", reason: raw instanceof Error ? raw.message : String(raw) } });
    // The places of a refusal are shown where all problems are; the next save that is taken says what is left of them.
    if (raw instanceof ApiFailure && raw.problems.length > 0) store.setState({ problems: raw.problems });
    const passing = !(raw instanceof ApiFailure) || raw.status === 0 || raw.status >= 500;
    if (passing) later(againMs);
  }

  return store;
}

const nothing = (): void => {};

/** A published version in the place of a draft: all that reads a draft shows it, and nothing changes it. */
export const createFixed = (flow: Flow): DraftStore =>
  createStore<DraftState>(() => ({
    ...fresh({ flow, revision: 0, problems: [], changed: false }),
    elsewhere: null,
    fixed: true,
    dispatch: nothing,
    undo: nothing,
    redo: nothing,
    flush: nothing,
    adopt: nothing,
    overwrite: nothing,
  }));

const fresh = ({ flow, revision, problems, changed }: Pick<FlowDetail, "flow" | "revision" | "problems" | "changed">) => ({
  history: startHistory(flow),
  revision,
  problems,
  changed,
  save: { kind: "saved" } satisfies SaveState as SaveState,
});

export const DraftContext = createContext<DraftStore | null>(null);

/** The draft of the flow on the canvas, for those who read it when something is done. */
export function useDraftStore(): DraftStore {
  const store = use(DraftContext);
  if (!store) throw new Error("There is no draft here: the canvas page provides it.");
  return store;
}

/** Reads the draft of the flow on the canvas; subscribe to the least that is needed. */
export const useDraft = <Slice>(select: (state: DraftState) => Slice): Slice => useStore(useDraftStore(), select);

export const selectFlow = (state: DraftState): Flow => state.history.present;
export const selectDispatch = (state: DraftState): DraftState["dispatch"] => state.dispatch;
