import { defineConfig } from "vitest/config";

const slow = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    globalSetup: ["test/support/globalSetup.ts"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["{schemas,nodes,runtime}/**/*.test.ts"],
          ...slow,
        },
      },
      {
        test: {
          name: "designer",
          environment: "happy-dom",
          include: ["designer/**/*.test.{ts,tsx}"],
        },
      },
      {
        test: {
          name: "cross",
          environment: "node",
          include: ["test/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
