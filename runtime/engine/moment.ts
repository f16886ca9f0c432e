/** Two clocks: one that no correction moves, one that goes on while the machine sleeps. */
export interface Moment {
  steady: number;
  wall: number;
}

export const moment = (): Moment => ({ steady: performance.now(), wall: Date.now() });

export const msSince = (then: Moment): number => Math.max(performance.now() - then.steady, Date.now() - then.wall);
