import { createContext, use } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Catalog } from "#nodes/lock.ts";
import type { Binding } from "#nodes/plan.ts";
import type { PlanTables } from "#nodes/planTables.ts";
import type { SampleSummary } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import type { FlowSample } from "#schemas/sample.ts";
import type { PreviewRun, PreviewSample } from "./evaluation.ts";
import { createEvaluator, type Evaluator } from "./evaluator.ts";
import { type Kept, readKept, writeKept } from "./kept.ts";

/** Who keeps a sample with the flow, and which of its states this one is. */
type Keeping = NonNullable<SampleSummary["kept"]>;

/** A sample of the server; `kept` is null for one that comes with a ready flow. */
export interface FlowsSample extends FlowSample {
  kept: Keeping | null;
}

/** A sample, and where it stands: with a ready flow, kept with the flow for all, or in this browser alone. */
export type Choice = { home: "browser"; sample: PreviewSample } | { home: "given" | "kept"; sample: FlowsSample };

/** What the draft is run with, besides the draft. */
export interface Ground {
  environment: string;
  catalog: Catalog;
  bindings: Record<string, Binding>;
  samples: readonly FlowsSample[];
  tables: PlanTables;
}

export interface PreviewState {
  /** Whether the canvas shows what the preview carries, in place of the live numbers. */
  shown: boolean;
  /** Whether anybody looks at what the preview gives. */
  wanted: number;
  /** Undefined until it is read. */
  ground: Ground | undefined;
  /** Why the ground could not be read. */
  groundFault: string | undefined;
  chosen: string | undefined;
  /** By sample name; a run stands until the next one is there. */
  runs: Readonly<Record<string, PreviewRun>>;
  /** Why the draft could not be run at all. */
  fault: string | undefined;
  running: boolean;
  /** The node at which runs stop. */
  until: string | undefined;
  kept: Kept;
}

export interface PreviewStore extends StoreApi<PreviewState> {
  evaluator: Evaluator;
  show: (shown: boolean) => void;
  /** Asks for runs until the function given back is called. */
  want: () => () => void;
  choose: (name: string) => void;
  /** Runs stop at this node; `undefined` lets them go on to the end. */
  runTo: (node: string | undefined) => void;
  setGround: (ground: Ground | undefined, fault?: string) => void;
  /** The draft has changed: it is run again, a moment later. */
  setFlow: (flow: Flow) => void;
  addSample: (sample: PreviewSample) => void;
  removeSample: (name: string) => void;
  /** `undefined` takes the pin away. */
  pin: (node: string, result: unknown) => void;
  /** What `$source` is for messages that come through this node. */
  sourceOf: (node: string | undefined) => { node: string; system: string | null; account: string | null };
  stop: () => void;
}

/** A pause this long in typing is worth a run, in milliseconds. */
const QUIET_MS = 250;
/** Samples that are run for what all of them have in common; the chosen one always is. */
const SAMPLES_RUN = 20;

/** Those of the ready flow first: they show what it was made for. */
const byHome = (samples: readonly FlowsSample[], home: "given" | "kept"): Choice[] =>
  samples.flatMap((sample) => ((sample.kept ? "kept" : "given") === home ? [{ home, sample }] : []));

export const choicesOf = ({ ground, kept }: Pick<PreviewState, "ground" | "kept">): Choice[] => [
  ...byHome(ground?.samples ?? [], "given"),
  ...byHome(ground?.samples ?? [], "kept"),
  ...kept.samples.map((sample): Choice => ({ home: "browser", sample })),
];

/** The sample that is shown: the one chosen, else the first that fits a source of the flow. */
export function chosenOf(state: Pick<PreviewState, "ground" | "kept" | "chosen">): Choice | undefined {
  const choices = choicesOf(state);
  return choices.find(({ sample }) => sample.name === state.chosen) ?? choices[0];
}

/** Nothing shown, nothing run. */
const atRest: PreviewState = {
  shown: false,
  wanted: 0,
  ground: undefined,
  groundFault: undefined,
  chosen: undefined,
  runs: {},
  fault: undefined,
  running: false,
  until: undefined,
  kept: { samples: [], pins: {} },
};

/** The live preview of one draft. Nothing is run while nobody looks. */
export function createPreview(flowId: string, evaluator: Evaluator = createEvaluator()): PreviewStore {
  let flow: Flow | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the rounds: what an older one still brings is of no use any more. */
  let round = 0;
  const store = createStore<PreviewState>(() => ({ ...atRest, kept: readKept(flowId) }));

  function later(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void runAll(), ms);
  }

  async function runAll(): Promise<void> {
    const state = store.getState();
    const { ground, wanted, kept, until } = state;
    const draft = flow;
    if (!ground || !draft || wanted === 0) return;
    round += 1;
    const mine = round;
    const { samples: _, ...parts } = ground;
    const plan = { ...parts, flow: draft, pins: kept.pins, until };
    const first = chosenOf(state)?.sample;
    const rest = choicesOf(state).flatMap(({ sample }) => (sample.name === first?.name ? [] : [sample]));
    const due = first ? [first, ...rest].slice(0, SAMPLES_RUN) : [];
    store.setState({ running: due.length > 0 });
    for (const sample of due) {
      try {
        const outcome = await evaluator.run({ kind: "flow", plan, sample });
        if (mine !== round) return;
        if (outcome.kind === "flow")
          store.setState(({ runs }) => ({ fault: undefined, runs: { ...runs, [sample.name]: outcome.run } }));
      } catch (raw) {
        if (mine !== round) return;
        store.setState({ fault: raw instanceof Error ? raw.message : String(raw), runs: {} });
        break;
      }
    }
    store.setState({ running: false });
  }

  function keep(change: (kept: Kept) => Kept): void {
    const kept = change(store.getState().kept);
    store.setState({ kept });
    writeKept(flowId, kept);
    later(0);
  }

  return Object.assign(store, {
    evaluator,
    show: (shown: boolean) => store.setState({ shown }),
    want: () => {
      store.setState(({ wanted }) => ({ wanted: wanted + 1 }));
      later(0);
      return () => store.setState(({ wanted }) => ({ wanted: wanted - 1 }));
    },
    choose: (name: string) => {
      store.setState({ chosen: name });
      later(0);
    },
    runTo: (until: string | undefined) => {
      store.setState({ until, runs: {} });
      later(0);
    },
    setGround: (ground: Ground | undefined, groundFault?: string) => {
      store.setState({ ground, groundFault });
      later(0);
    },
    setFlow: (next: Flow) => {
      flow = next;
      later(QUIET_MS);
    },
    addSample: (sample: PreviewSample) => {
      store.setState({ chosen: sample.name });
      keep((kept) => ({ ...kept, samples: [...kept.samples.filter(({ name }) => name !== sample.name), sample] }));
    },
    removeSample: (name: string) => keep((kept) => ({ ...kept, samples: kept.samples.filter((one) => one.name !== name) })),
    pin: (node: string, result: unknown) =>
      keep((kept) => {
        const { [node]: _, ...rest } = kept.pins;
        return { ...kept, pins: result === undefined ? rest : { ...rest, [node]: result } };
      }),
    sourceOf: (node: string | undefined) => {
      const slot = flow?.nodes.find(({ id }) => id === node)?.slot;
      const binding = slot === undefined ? undefined : store.getState().ground?.bindings[slot];
      return { node: node ?? "", system: binding?.connector ?? null, account: binding?.account ?? null };
    },
    stop: () => {
      clearTimeout(timer);
      round += 1;
      evaluator.stop();
    },
  });
}

export const PreviewContext = createContext<PreviewStore | null>(null);

/** The preview of the flow on the canvas; null where there is no draft, as at a run. */
export const usePreviewStore = (): PreviewStore | null => use(PreviewContext);

const idle = createStore<PreviewState>(() => atRest);

export const usePreview = <Slice>(select: (state: PreviewState) => Slice): Slice => useStore(usePreviewStore() ?? idle, select);

/** The run of the sample that is shown. */
export const selectRun = (state: PreviewState): PreviewRun | undefined => {
  const chosen = chosenOf(state);
  return chosen && state.runs[chosen.sample.name];
};
export const selectShown = (state: PreviewState): boolean => state.shown;
