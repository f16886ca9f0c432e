import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dist, root } from "./paths.mjs";

const stamp = join(dist, "installed");
const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether node_modules holds what package-lock.json says; with `withTests` also what only tests need. */
function isInstalled(lockHash, withTests) {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  // Absent after an install with NODE_ENV=production.
  if (withTests && !existsSync(join(root, "node_modules", "vitest", "package.json"))) return false;
  if (existsSync(stamp)) return readFileSync(stamp, "utf8") === lockHash;
  return modified(installed) >= modified(join(root, "package-lock.json"));
}

/** Installs packages where they are missing or older than package-lock.json. Not `npm ci`: it refuses a lock without every platform. */
export async function installPackages({ withTests, say }) {
  const lockHash = () =>
    createHash("sha256")
      .update(readFileSync(join(root, "package-lock.json")))
      .digest("hex");
  if (!isInstalled(lockHash(), withTests)) {
    say("Installing packages. The first time this takes a while.");
    const npm = process.env.npm_execpath;
    const [program, first] = npm ? [process.execPath, [npm]] : ["npm", []];
    const flags = ["install", "--no-audit", "--no-fund", "--loglevel=error", ...(withTests ? ["--include=dev"] : [])];
    const code = await run(program, [...first, ...flags], !npm && process.platform === "win32");
    if (code !== 0) throw new Error("npm install failed; what it said is above. Check the network and run the command again.");
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, lockHash());
}

function run(program, args, shell) {
  return new Promise((resolve, reject) => {
    // What npm prints goes to stderr: a command's own output must stay clean.
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", 2, 2], shell });
    child.once("error", reject);
    child.once("exit", resolve);
  });
}
