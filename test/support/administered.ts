import { afterAll, beforeAll, vi } from "vitest";
import { runCli } from "#runtime/cli/program.ts";
import { fromRoot } from "#runtime/root.ts";
import { type Answer, ask } from "./ask.ts";
import { startOrderloom, type TestOrderloom } from "./orderloom.ts";

/** Automation that may do everything, on the command line as well. */
export const adminToken = "a-token-for-tests-alone";

/** The sandbox's flow. */
export const flowId = "shopify-order-to-cash";

/** A server that tests of a file administer: begun before the first, ended after the last. */
export function administeredServer(env: Record<string, string> = {}) {
  let server: TestOrderloom;
  beforeAll(async () => {
    server = await startOrderloom({ env: { ORDERLOOM_ADMIN_TOKEN: adminToken, ...env } });
    vi.stubEnv("ORDERLOOM_ADMIN_TOKEN", adminToken);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.stop();
  });

  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    ask(`${server.url}/api/v1${path}`, { method, body, headers: { authorization: `Bearer ${adminToken}` } });

  return {
    get url(): string {
      return server.url;
    },

    call,

    /** The same, where nothing else than success is expected. */
    async must<Body>(method: string, path: string, body?: unknown): Promise<Body> {
      const answer = await call(method, path, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },

    /** The command line, as somebody who stands in a folder uses it. */
    async run(cwd: string, ...args: string[]): Promise<{ code: number; said: string }> {
      const said: string[] = [];
      const take = (text: string) => void said.push(text);
      const io = { out: take, err: take, cwd, root: fromRoot("."), readStdin: async () => "" };
      return { code: await runCli([...args, "--url", server.url], io), said: said.join("\n") };
    },
  };
}
