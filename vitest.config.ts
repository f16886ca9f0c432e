import { defineConfig } from "vitest/config";
import LongFirst from "./test/support/longFirst.ts";

/**
 * Files of unit tests share a worker's modules: to begin a process and read them for each file took as long as the tests.
 * The cross tests stay apart, for what one leaves running must not reach another.
 */
const shared = { isolate: false };

/** What stands across the rooms and yet starts nothing is read in the workers of the unit tests, too. */
const pure = [
  "test/connectors/**/*.test.ts",
  "test/{boundaries,crashPointTable,docs,initialJavaScript}.test.ts",
  "test/chaos/oracle.test.ts",
];

const slow = { testTimeout: 120_000, hookTimeout: 120_000 };

/** The cross tests' time, more where the pages are made slow on purpose; see test/support/slowPage.ts. */
const long = 120_000 * Number(process.env.ORDERLOOM_TEST_SLOW ?? 1);

/** They need what few machines have, and are asked for by name: `npm run test:tryton`, `test:shop`, `test:sqlserver`. */
const optIn = process.env.ORDERLOOM_TEST_OPT_IN === "on" ? [] : ["test/{tryton,shop,sqlserver}/**"];

/** They measure times, so nothing else may run beside them: they come last, one after the other. */
const timed = ["test/fairness.test.ts", "runtime/engine/promotion/replayDiff.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/support/globalSetup.ts"],
    // The cross tests wait for leases, quiet periods and browsers two fifths of their time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["{schemas,nodes,runtime,designer}/**/*.test.ts", ...pure],
          exclude: timed,
          ...shared,
          ...slow,
        },
      },
      {
        test: {
          // What draws has a DOM; another file of the designer that needs one asks for it in its first line.
          name: "designer",
          environment: "happy-dom",
          include: ["designer/**/*.test.tsx"],
          ...shared,
        },
      },
      {
        test: {
          name: "cross",
          environment: "node",
          include: ["test/**/*.test.ts"],
          exclude: [...timed, ...pure, ...optIn],
          testTimeout: long,
          hookTimeout: long,
        },
      },
      {
        test: {
          name: "timed",
          environment: "node",
          include: timed,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
