import { hostname } from "node:os";
import type { Plan } from "#nodes/plan.ts";
import type { Settings } from "#runtime/settings.ts";
import { type Admitted, changeStanding, environmentWay, readStandings } from "#runtime/store/admission.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { newId } from "#runtime/store/ids.ts";
import { type Door, Gate, PEEK_MS, type Permit, type Take } from "./gate.ts";
import { type Ask, type Grant, leave, newStanding, shutUntil, visit } from "./standing.ts";

/**
 * Who may send a request over which connection now. Places, tokens and circuit breakers are shared by all processes of
 * the installation: PostgreSQL keeps them, each process holds a leased part and decides from it.
 */
export interface Admission {
  /** A place for one effect, when there is one at once and nobody waits for it. */
  enter(door: Door): Promise<Permit | undefined>;
  /** A task waits in the database for a connection. False when this process does not know the connection yet. */
  wake(connectionId: string): boolean;
  /** The same of a way that this process need not know yet. */
  wakeAt(door: Door): void;
  /** From now on, what waits is taken over as places fall free. */
  serve(take: (to: Admitted, ...rest: Parameters<Take>) => ReturnType<Take>): void;
  /** Lets nobody in any more; what is under way goes on. */
  stop(): void;
  /** Gives all shares back. */
  close(): Promise<void>;
}

export function openAdmission(
  db: Db,
  settings: Pick<Settings, "leaseMs" | "breaker">,
  report: (error: unknown) => void,
): Admission {
  const worker = `${hostname()}:${process.pid}:${newId().slice(-6)}`;
  const gates = new Map<string, Gate>();
  let serving: Parameters<Admission["serve"]>[0] | undefined;
  let stopped = false;

  const visitOf =
    (to: Admitted) =>
    (ask: Ask, leaving: boolean): Promise<Grant | undefined> =>
      changeStanding(db, to, (known, now) => {
        const before = known ?? newStanding(ask.concurrency);
        const { standing, grant } = visit(before, ask, now, settings.breaker);
        const after = leaving ? leave(before, ask, now, settings.breaker) : standing;
        return { standing: after, shutUntil: shutUntil(after), result: grant };
      });

  const gateOf = (door: Door): Gate => {
    const id = door.to;
    let gate = gates.get(id);
    if (!gate) {
      const take = (): Take | undefined => serving && ((...given) => serving?.(id, ...given) ?? Promise.resolve({ chosen: 0 }));
      gate = new Gate(door, { worker, leaseMs: settings.leaseMs, visit: visitOf(id), take, report });
      gates.set(id, gate);
    }
    return gate;
  };

  const peek = async (): Promise<void> => {
    if (gates.size === 0) return;
    for (const [id, gate] of gates) {
      if (!gate.idle) continue;
      gates.delete(id);
      await gate.close();
    }
    const standings = await readStandings(db, [...gates.keys()]);
    await Promise.all(
      [...gates].map(([id, gate]) => {
        const known = standings.get(id);
        return known ? gate.peek(known.standing, known.now) : undefined;
      }),
    );
  };
  let timer: NodeJS.Timeout | undefined;
  let peeking: Promise<void> = Promise.resolve();
  const tick = (): void => {
    peeking = peek()
      .catch(report)
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, PEEK_MS).unref();
      });
  };
  timer = setTimeout(tick, PEEK_MS).unref();

  return {
    enter: async (door) => (stopped ? undefined : gateOf(door).enter(door)),
    wake(connectionId) {
      const gate = gates.get(connectionId);
      gate?.wake();
      return gate !== undefined;
    },
    wakeAt(door) {
      if (!stopped) gateOf(door).wake(door);
    },
    serve(take) {
      serving = take;
    },
    stop() {
      stopped = true;
      for (const gate of gates.values()) gate.stop();
    },
    async close() {
      this.stop();
      clearTimeout(timer);
      await peeking;
      await Promise.all([...gates.values()].map((gate) => gate.close()));
    },
  };
}

/** The way of an operation over a connection, as the version's connector declares it. */
export function doorOf(connection: Pick<OpenConnection, "id" | "concurrency">, plan: Plan, nodeId: string): Door {
  const node = plan.flow.nodes.find(({ id }) => id === nodeId);
  const manifest = node && plan.lock.manifests[node.type];
  const connector = plan.lock.connectors[manifest?.connector ?? ""];
  const operation = connector?.operations[manifest?.operation ?? ""];
  return {
    to: connection.id,
    concurrency: connection.concurrency ?? connector?.limits.concurrency ?? 1,
    rate: connector?.limits.rate,
    operation: manifest?.operation ?? "",
    operationRate: operation && "rate" in operation ? operation.rate : undefined,
  };
}

/**
 * The way of an environment's segments to the evaluators, where they are limited.
 */
export const evaluationDoor = (environment: string, atOnce: number): Door => ({
  ...plainDoor,
  to: environmentWay("evaluation", environment),
  concurrency: atOnce,
});

/** So much may come at once after a pause. */
const BURST_SECONDS = 2;
/** Each is through at once: nothing but the rate limits them. */
const ALL_AT_ONCE = 1_000;

/** The way of messages that are sent to an environment, where they are limited. */
export const intakeDoor = (environment: string, perSecond: number): Door => ({
  ...plainDoor,
  to: environmentWay("intake", environment),
  concurrency: ALL_AT_ONCE,
  rate: { perSecond, burst: BURST_SECONDS * perSecond },
});

const plainDoor = { rate: undefined, operation: "", operationRate: undefined };
