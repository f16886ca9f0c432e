import { type Static, Type } from "typebox";

/**
 * `...AfterApply` faults let the system do what it was asked, and spoil only the answer. `hang` never answers and does
 * nothing; `lateApply` breaks the connection at once and does it after `delayMs`.
 */
const faultKinds = [
  "429",
  "503",
  "500AfterApply",
  "timeoutAfterApply",
  "reset",
  "resetAfterApply",
  "hang",
  "lateApply",
  "delay",
  "refuse",
] as const;

/** A failure to play for a connection: `POST /_sandbox/faults`. */
export const Fault = Type.Object(
  {
    connection: Type.String(),
    kind: Type.Enum([...faultKinds]),
    /** How many requests it hits; 0 means all until it is removed. */
    times: Type.Optional(Type.Integer({ minimum: 0, default: 1 })),
    /** Only requests whose `METHOD path` or body contain this text. */
    match: Type.Optional(Type.String({ minLength: 1 })),
    /** `delay`: how long the request waits. `lateApply`: how long after the break it is applied all the same. */
    delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
    /** `429` and `503`: the `Retry-After` header, in seconds. */
    retryAfter: Type.Optional(Type.Integer({ minimum: 0 })),
    /** `refuse`: the sentence with which the system says no. */
    message: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Fault = Static<typeof Fault>;

export interface ActiveFault extends Fault {
  id: number;
  /** Requests hit so far. */
  hits: number;
}

export interface FaultTarget {
  connection: string;
  method: string;
  path: string;
  body: string;
}

const spoilsAnswer = ({ kind }: Fault): boolean => kind.endsWith("AfterApply");

/** The faults that are switched on, in the order in which they were. */
export class Faults {
  #active: ActiveFault[] = [];
  #nextId = 1;

  add(fault: Fault): ActiveFault {
    const active = { ...fault, times: fault.times ?? 1, id: this.#nextId, hits: 0 };
    this.#nextId += 1;
    this.#active.push(active);
    return active;
  }

  list(): ActiveFault[] {
    return this.#active;
  }

  /** Removes those of one connection, or all. */
  remove(connection?: string): void {
    this.#active = connection === undefined ? [] : this.#active.filter((fault) => fault.connection !== connection);
  }

  /** The first fault that hits the request, counted. Ask for those that spoil the answer once something was applied. */
  take(target: FaultTarget, afterApply: boolean): ActiveFault | undefined {
    const text = `${target.method} ${target.path}\n${target.body}`;
    const fault = this.#active.find(
      (candidate) =>
        candidate.connection === target.connection &&
        spoilsAnswer(candidate) === afterApply &&
        (candidate.match === undefined || text.includes(candidate.match)),
    );
    if (!fault) return undefined;
    fault.hits += 1;
    if (fault.times !== 0 && fault.hits >= (fault.times ?? 1)) this.#active = this.#active.filter(({ id }) => id !== fault.id);
    return fault;
  }
}
