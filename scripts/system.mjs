import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** Programs that only tests need, and what is skipped without them. */
const programs = [
  { names: ["chromium", "chromium-browser", "google-chrome"], debian: "chromium", skips: "the browser tests" },
  { names: ["redis-server", "valkey-server"], debian: "redis-server", skips: "the tests on Redis" },
];
const missing = () => programs.filter(({ names }) => !names.some(has));

const updateWithinMs = 60_000;
const installWithinMs = 240_000;

/** Tries to install Debian's Chromium and redis-server where we may; never fails, and says what stays away. */
export async function installSystemPrograms(say) {
  if (process.platform === "win32") return;
  const wanted = missing();
  if (wanted.length === 0) return;
  const packages = wanted.map(({ debian }) => debian);
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version") && has("apt-get")) {
    say(`Installing ${packages.join(" and ")} for the tests.`);
    await apt(["update"], updateWithinMs);
    // One by one: that one is not to be had must not keep the other away.
    for (const name of packages) await apt(["install", "--yes", "--no-install-recommends", name], installWithinMs);
  }
  for (const { debian, skips } of missing())
    say(`There is no ${debian} on this machine: ${skips} will be skipped. Install it to run them.`);
}

function apt(args, withinMs) {
  return new Promise((resolve) => {
    const child = spawn("apt-get", ["-qq", ...args], {
      stdio: "ignore",
      timeout: withinMs,
      // RUNLEVEL keeps Debian from starting the Redis service.
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    });
    child.once("error", resolve);
    child.once("exit", resolve);
  });
}
