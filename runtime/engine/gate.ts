import type { Admitted } from "#runtime/store/admission.ts";
import type { Shut } from "#runtime/store/waiting.ts";
import type { Rate, Standing } from "#schemas/admission.ts";
import { type Moment, moment, msSince } from "./moment.ts";
import { Purse } from "./purse.ts";
import { type Ask, fairParts, type Grant } from "./standing.ts";

/** What a request needs to know of the way it takes. */
export interface Door {
  /** The connection's id, or a way through an environment. */
  to: Admitted;
  /** Under way at most, in the whole installation. */
  concurrency: number;
  rate: Rate | undefined;
  operation: string;
  operationRate: Rate | undefined;
}

/** What became of a request: the target answered; it cannot now; it asked to be left alone. */
export type Verdict = "answered" | "failed" | { closeForMs: number };

/** One place at a connection. Every one must be given back by `leave`. */
export interface Permit {
  /** False when the lease on it ran out and the place may be another worker's by now. */
  stands(): Promise<boolean>;
  /** Takes a token of the operation's own bucket; answers how long to wait where there is none, else 0. */
  through(door: Door, way: Shut): Promise<number>;
  /** A further request of the same effect. */
  charge(): void;
  tell(verdict: Verdict): void;
  leave(): void;
}

/** Takes tasks that wait, one for each permit at most, and begins them; gives back the permits it has no task for. */
export type Take = (permits: Permit[], except: Shut[]) => Promise<{ chosen: number }>;

export interface GateParts {
  worker: string;
  leaseMs: number;
  /** Visits the standing; undefined when the connection is gone. */
  visit(ask: Ask, leaving: boolean): Promise<Grant | undefined>;
  /** Undefined in a process that performs no tasks. */
  take(): Take | undefined;
  /** Told what went wrong; the gate tries again by itself. */
  report(error: unknown): void;
}

/** Places taken in one go: more would make one statement long and the choice coarse. */
const MOST_AT_ONCE = 64;

/** After a visit or a look at what waits that failed. */
const AFTER_FAULT_MS = 1_000;

/** A standing is looked at this often; so old may be what a gate knows of the others. */
export const PEEK_MS = 500;

/** A share that is not used for so long is given back; the next order costs one visit. */
const IDLE_MS = 60_000;

/** A task that found its operation's bucket empty comes back no sooner: what it waits for is shared. */
const LEAST_WAIT_MS = 50;

/** A token or a place may be asked for twice: the first answer may be one that was asked for before. */
const MOST_ASKED = 2;

type Status = "open" | "full" | "ask" | number;

/**
 * One connection, or way through an environment, as this process sees it: its share of the places, its tokens, the breaker. It
 * decides without asking the database as long as it can, and takes over what waits there as its places fall free.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #purse = new Purse();
  readonly #operations = new Map<string, Rate>();
  readonly #shut = new Map<string, { way: Shut; until: number }>();
  #door: Door;
  #taken = 0;
  #entering = 0;
  #places = 0;
  #leasedAt: Moment | undefined;
  #closedUntil = 0;
  #closeForMs = 0;
  #breaker: Grant["breaker"] = "closed";
  #retryAt = 0;
  #probe: "none" | "granted" | "sent" = "none";
  /** The shared breaker counts failures: an answer is worth telling. */
  #troubled = false;
  #events: Ask["events"] = [];
  #visiting: Promise<void> | undefined;
  #waiting = false;
  /** What the others know of `#waiting`. */
  #told = false;
  #pulling = false;
  /** A place fell free while places were being filled. */
  #again = false;
  /** A task came to wait while those that wait were looked at. */
  #called = false;
  #timer: NodeJS.Timeout | undefined;
  #usedAt = performance.now();
  #stopped = false;
  /** The share was given back: a visit would take it again, for a process that is about to end. */
  #closed = false;

  constructor(door: Door, parts: GateParts) {
    this.#door = door;
    this.#parts = parts;
  }

  get idle(): boolean {
    return this.#taken === 0 && !this.#pulling && performance.now() - this.#usedAt > IDLE_MS;
  }

  /** A place at once, if there is one and nobody waits for it; the database is asked only for what cannot be known. */
  async enter(door: Door): Promise<Permit | undefined> {
    this.#door = door;
    this.#usedAt = performance.now();
    if (door.operationRate) this.#operations.set(door.operation, door.operationRate);
    this.#entering++;
    try {
      for (let asked = 0; !this.#waiting && !this.#stopped; asked++) {
        const status = this.#status(door);
        if (status === "open") return this.#permit(door);
        if (status !== "ask" || asked === MOST_ASKED) return undefined;
        await this.#visit(true);
      }
      return undefined;
    } finally {
      this.#entering--;
    }
  }

  /** A task waits in the database: it is taken as soon as there is a place, in fair turn with all others. */
  wake(door = this.#door): void {
    this.#door = door;
    if (!this.#parts.take() || this.#stopped) return;
    this.#waiting = true;
    this.#called = true;
    this.#usedAt = performance.now();
    void this.#pull();
  }

  /** Takes in what the others have told since, and does what of it is this worker's to do. */
  async peek(standing: Standing, now: number): Promise<void> {
    const { worker, leaseMs } = this.#parts;
    const { breaker, closedUntil, shares } = standing;
    const others = Object.entries(shares).filter(([name, { until }]) => name !== worker && until > now);
    this.#troubled = breaker.failures > 0;
    this.#closedUntil = Math.max(this.#closedUntil, performance.now() + closedUntil - now);
    if (this.#probe === "none") this.#see(breaker.state, breaker.retryAt - now);
    const fair = fairParts(this.#door.concurrency, Object.fromEntries([...others, [worker, { most: this.#most() }]]))[worker];
    const late = !this.#leasedAt || msSince(this.#leasedAt) > leaseMs / 3;
    if (late || fair !== this.#places || (others.length > 0 && this.#told !== this.#waiting)) await this.#visit(false);
    if (others.some(([, { waiting }]) => waiting)) this.wake();
    else if (this.#waiting) void this.#pull();
  }

  /** Lets nobody in any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Gives the share back. */
  async close(): Promise<void> {
    this.stop();
    this.#closed = true;
    await this.#visiting;
    this.#leasedAt = undefined;
    await this.#parts.visit(this.#ask(false), true).catch((error: unknown) => this.#parts.report(error));
  }

  #most(): number {
    return this.#parts.take() ? this.#door.concurrency : this.#taken + this.#entering;
  }

  #leased(): boolean {
    return this.#leasedAt !== undefined && msSince(this.#leasedAt) < this.#parts.leaseMs;
  }

  #see(state: Grant["breaker"], retryInMs: number): void {
    this.#breaker = state;
    this.#retryAt = performance.now() + retryInMs;
  }

  /** Whether one could enter now; else what there is to do, or how long to wait. */
  #status(door: Door, withOperation = true): Status {
    const now = performance.now();
    if (!this.#leased()) return "ask";
    if (this.#closedUntil > now) return this.#closedUntil - now;
    if (this.#taken >= this.#places) return this.#parts.take() ? "full" : "ask";
    if (this.#breaker !== "closed" && this.#probe !== "granted") {
      if (this.#breaker === "halfOpen" || this.#probe === "sent") return PEEK_MS;
      return this.#retryAt > now ? this.#retryAt - now : "ask";
    }
    const waits = [this.#purse.waitMs("", door.rate)];
    if (withOperation) waits.push(this.#purse.waitMs(door.operation, door.operationRate));
    const longest = Math.max(...waits.map((wait) => (wait === "ask" ? 0 : wait)));
    if (longest > 0) return longest;
    return waits.includes("ask") ? "ask" : "open";
  }

  /** Takes a place, and tokens: of the operation too where it is known already. */
  #permit(door: Door | undefined): Permit {
    const { rate } = this.#door;
    const probe = this.#breaker !== "closed";
    if (probe) this.#probe = "sent";
    this.#taken++;
    this.#purse.take("", rate);
    if (door) this.#purse.take(door.operation, door.operationRate);
    let used = door !== undefined;
    let told = false;
    let left = false;
    return {
      stands: async () => {
        if (!this.#leased()) await this.#visit(false);
        return this.#leased() && this.#taken <= this.#places;
      },
      through: async (way, shut) => {
        const waitMs = door ? 0 : await this.#through(way, shut);
        used = waitMs === 0;
        return waitMs;
      },
      charge: () => this.#purse.take("", rate),
      tell: (verdict) => {
        this.#tell(verdict, probe && !told);
        told ||= typeof verdict !== "object";
      },
      leave: () => {
        if (left) return;
        left = true;
        this.#taken--;
        if (!used) this.#purse.putBack("", rate);
        // The probe came to nothing: somebody else may send one.
        if (probe && !told) {
          this.#probe = "none";
          void this.#visit(false);
        }
        void this.#pull();
      },
    };
  }

  async #through(door: Door, way: Shut): Promise<number> {
    if (!door.operationRate) return 0;
    this.#operations.set(door.operation, door.operationRate);
    let wait = this.#purse.waitMs(door.operation, door.operationRate);
    for (let asked = 0; wait === "ask" && asked < MOST_ASKED; asked++) {
      await this.#visit(false);
      wait = this.#purse.waitMs(door.operation, door.operationRate);
    }
    if (wait === 0) {
      this.#purse.take(door.operation, door.operationRate);
      return 0;
    }
    const waitMs = Math.max(LEAST_WAIT_MS, wait === "ask" ? AFTER_FAULT_MS : wait);
    this.#shut.set(`${way.flow} ${way.node}`, { way, until: performance.now() + waitMs });
    return waitMs;
  }

  #tell(verdict: Verdict, probe: boolean): void {
    if (typeof verdict === "object") {
      this.#closeForMs = Math.max(this.#closeForMs, verdict.closeForMs);
      this.#closedUntil = Math.max(this.#closedUntil, performance.now() + verdict.closeForMs);
    }
    const failed = verdict === "failed";
    // Broken off by our own end, which says nothing of the target.
    if (failed && this.#stopped) return;
    if (failed) this.#troubled = true;
    if (typeof verdict !== "object" && (this.#troubled || probe))
      this.#events.push({ event: failed ? "failed" : "answered", probe });
    if (probe && typeof verdict !== "object") this.#probe = "none";
    if (this.#events.length > 0 || this.#closeForMs > 0) void this.#visit(false);
  }

  #ask(wants: boolean): Ask {
    const { worker, leaseMs } = this.#parts;
    const { concurrency, rate } = this.#door;
    const empty = [["", rate] as const, ...this.#operations].filter(([name, of]) => this.#purse.waitMs(name, of) === "ask");
    const ask: Ask = {
      worker,
      leaseMs,
      concurrency,
      most: this.#most(),
      taken: this.#taken,
      waiting: this.#waiting,
      needs: Object.fromEntries(empty.flatMap(([name, of]) => (of ? [[name, of]] : []))),
      events: this.#events,
      closeForMs: this.#closeForMs,
      probing: this.#probe !== "none",
      wants,
    };
    this.#events = [];
    this.#closeForMs = 0;
    return ask;
  }

  /** One visit at a time; whoever comes while one is under way gets its answer. What is told meanwhile follows. */
  #visit(wants: boolean): Promise<void> {
    if (this.#closed) return this.#visiting ?? Promise.resolve();
    this.#visiting ??= this.#visitOnce(wants).finally(() => {
      this.#visiting = undefined;
      if (this.#stopped) return;
      if (this.#events.length > 0 || this.#closeForMs > 0) void this.#visit(false);
      if (this.#waiting && !this.#pulling) void this.#pull();
    });
    return this.#visiting;
  }

  async #visitOnce(wants: boolean): Promise<void> {
    const askedAt = moment();
    const ask = this.#ask(wants);
    try {
      const grant = await this.#parts.visit(ask, false);
      if (grant) this.#granted(grant, askedAt, ask.waiting);
    } catch (error) {
      this.#events.unshift(...ask.events);
      this.#closeForMs = Math.max(this.#closeForMs, ask.closeForMs);
      this.#parts.report(error);
      // What was to be told is told with the next visit.
      await new Promise((resolve) => setTimeout(resolve, AFTER_FAULT_MS).unref());
    }
  }

  #granted(grant: Grant, askedAt: Moment, told: boolean): void {
    this.#leasedAt = askedAt;
    this.#places = grant.places;
    this.#told = told;
    this.#closedUntil = Math.max(this.#closedUntil, grant.closedForMs > 0 ? performance.now() + grant.closedForMs : 0);
    this.#troubled = grant.troubled;
    if (this.#probe !== "sent") {
      this.#probe = grant.probe ? "granted" : "none";
      this.#see(grant.breaker, grant.probeInMs);
    } else if (!grant.probe) this.#see(grant.breaker, grant.probeInMs);
    this.#purse.fill(grant.tokens, askedAt.steady);
  }

  /** Fills free places from what waits in the database, until nothing waits or nothing may enter. */
  async #pull(): Promise<void> {
    this.#again = true;
    if (this.#pulling || !this.#waiting) return;
    this.#pulling = true;
    try {
      while (this.#again && this.#waiting && !this.#stopped) {
        this.#again = false;
        await this.#pullOnce();
      }
    } catch (error) {
      this.#parts.report(error);
      this.#wakeIn(AFTER_FAULT_MS);
    } finally {
      this.#pulling = false;
    }
  }

  async #pullOnce(): Promise<void> {
    for (let asked = 0; this.#waiting && !this.#stopped; ) {
      const status = this.#status(this.#door, false);
      if (status === "full") return;
      if (status === "ask" && asked++ < MOST_ASKED) {
        await this.#visit(true);
        continue;
      }
      if (status !== "open") return this.#wakeIn(status === "ask" ? AFTER_FAULT_MS : status);
      asked = 0;
      if (!(await this.#takeSome())) return;
    }
  }

  /** False when less waited than there was room for. */
  async #takeSome(): Promise<boolean> {
    const permits: Permit[] = [];
    while (permits.length < MOST_AT_ONCE && this.#status(this.#door, false) === "open") permits.push(this.#permit(undefined));
    const now = performance.now();
    for (const [key, { until }] of this.#shut) if (until <= now) this.#shut.delete(key);
    const except = [...this.#shut.values()];
    const take = this.#parts.take();
    this.#called = false;
    const { chosen } = take
      ? await take(
          permits,
          except.map(({ way }) => way),
        )
      : { chosen: 0 };
    if (chosen === permits.length) return true;
    // Permits given back are no room for anybody.
    this.#again = this.#called;
    if (except.length > 0) this.#wakeIn(Math.min(...except.map(({ until }) => until)) - now);
    else if (!this.#called) this.#waiting = false;
    return false;
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#pull(), Math.max(1, ms));
    this.#timer.unref();
  }
}
