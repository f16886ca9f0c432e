// Runs before start, test and the command line: installs and builds what is missing or stale, in plain Node, since
// nothing may be installed yet.
//   --test     also what only tests need, Debian's Chromium and redis-server among it
//   --quick    only the server
//   --rebuild  builds even what is fresh
import { buildStale } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { installSystemPrograms } from "./system.mjs";

const flags = new Set(process.argv.slice(2));
// To stderr: `npm run -s orderloom -- run FILE --json` prints JSON and nothing else on stdout.
const say = (line) => console.error(line);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  say(`Orderloom needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

try {
  const withTests = flags.has("--test");
  const started = Date.now();
  const system = withTests ? installSystemPrograms(say) : undefined;
  await installPackages({ withTests, say });
  const built = await buildStale(flags.has("--quick") ? ["server"] : ["server", "designer"], {
    force: flags.has("--rebuild"),
    say,
  });
  await system;
  if (built.length > 0) say(`Ready in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
} catch (error) {
  say(`Orderloom could not be prepared: ${error.message}`);
  process.exit(1);
}
