import { AsyncLocalStorage } from "node:async_hooks";

/** Where a change comes from. */
export interface Origin {
  address: string;
  agent: string;
}

const origin = new AsyncLocalStorage<Origin>();
let underWay = 0;

/** Of the request that changes something now; nothing for what the server does by itself. The audit reads it. */
export const originNow = (): Origin | undefined => origin.getStore();

/**
 * Does the work of a request, known by all that it calls to come from there. Switched off while no request changes
 * anything: on Node 20 it makes every await of the process three times as dear (60 and 190 ns were measured).
 */
export async function comingFrom<T>(from: Origin, work: () => T | Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await origin.run(from, async () => work());
  } finally {
    underWay -= 1;
    if (underWay === 0) origin.disable();
  }
}
