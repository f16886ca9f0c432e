import type { Admission } from "./admission.ts";
import type { Permit } from "./gate.ts";

/** A place that nobody disputes. */
export const freePermit: Permit = {
  stands: async () => true,
  through: async () => 0,
  charge: () => {},
  tell: () => {},
  leave: () => {},
};

/** Lets everybody in. */
export const openAdmission: Admission = {
  enter: async () => freePermit,
  wake: () => true,
  wakeAt: () => {},
  serve: () => {},
  stop: () => {},
  close: async () => {},
};
