// Every check there is: types, lint, unused code, then all tests. Arguments go to vitest.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { join } from "node:path";
import { dist, root } from "./paths.mjs";

const bin = (path) => join(root, "node_modules", path);
const results = join(dist, "test-results.json");

/** On one thread it takes half the CPU, and does with what the tests leave of it. */
const typecheck = { name: "types", args: [bin("typescript7/bin/tsc"), "--noEmit", "--singleThreaded"], yields: true };
const lint = { name: "lint", args: [bin("@biomejs/biome/bin/biome"), "check", "--colors=off", "."] };
const unused = { name: "unused code", args: [bin("knip/bin/knip.js"), "--no-progress"] };

function run(args, stdio, yields = false) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio });
    if (yields && child.pid) setPriority(child.pid, Math.min(19, getPriority() + 10));
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.once("exit", (code) => resolve({ ok: code === 0, output }));
  });
}

async function check({ name, args, yields }) {
  const started = Date.now();
  const { ok, output } = await run(args, ["ignore", "pipe", "pipe"], yields);
  console.log(`${ok ? "passed" : "FAILED"}  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) console.log(output.trimEnd());
  return ok;
}

const typed = check(typecheck);
const linted = await check(lint);
const used = await check(unused);

rmSync(results, { force: true });
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const tests = await run([bin("vitest/vitest.mjs"), "run", ...reporters, ...process.argv.slice(2)], "inherit");

const passed = (await typed) && linted && used;
if (!passed) console.log("A check before the tests failed; see above.");
if (existsSync(results)) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(results, "utf8"));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`);
} else {
  console.log("0 passed, 1 failed: vitest did not finish");
}
process.exit(tests.ok && passed ? 0 : 1);
