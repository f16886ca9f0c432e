import Fastify from "fastify";
import { expect, it } from "vitest";
import { openLog } from "#runtime/log.ts";
import type { App } from "./app.ts";
import { errorHandling } from "./failures.ts";

/** A server whose one route fails with what it is sent. */
async function failing(message: string) {
  const logged: string[] = [];
  const loggerInstance = openLog("warn", { write: (line) => void logged.push(line) });
  const app = Fastify({ loggerInstance, genReqId: () => "number-7" }) as unknown as App;
  errorHandling(app, { source: 1, management: 1 });
  app.get("/fails", () => {
    throw new Error(message);
  });
  const answer = await app.inject({ url: "/fails", headers: { "user-agent": message } });
  await app.close();
  return { answer, lines: logged.join("").split("\n").slice(0, -1) };
}

it("says nothing of what went wrong inside, but under which number the log has it", async () => {
  const inside = 'relation "person" at 10.0.0.5:5432, password=hunter2';
  const { answer, lines } = await failing(inside);
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain("hunter2");
  expect(answer.json()).toMatchObject({ code: "internal", hint: expect.stringContaining("number-7") });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("number-7");
  expect(lines[0]).toContain("10.0.0.5");
});

it("incident: a line of the log made up by a caller (log injection)", async () => {
  const forged = 'x\n{"level":30,"msg":"admin signed in"}\r\n\u2028\u0000\u001b[31mred\u009b2J\u007f\u2029';
  const { lines } = await failing(forged);
  // One line of JSON is one event, whatever it holds; nothing in it moves the cursor of who reads it.
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "").err.message).toBe(forged);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
  expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
});
