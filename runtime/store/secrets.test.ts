import { randomBytes } from "node:crypto";
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSecretKey, secretBox } from "./secrets.ts";

describe("secretBox", () => {
  const box = secretBox(randomBytes(32));

  it("opens what it sealed, and shows nothing of it", () => {
    const sealed = box.seal({ token: "canary-5150" }, "connection 1");
    expect(sealed.toString("latin1")).not.toContain("canary");
    expect(box.open(sealed, "connection 1")).toEqual({ token: "canary-5150" });
  });

  it("does not open for another connection, another key or an altered text", () => {
    const sealed = box.seal({ token: "x" }, "connection 1");
    expect(() => box.open(sealed, "connection 2")).toThrow();
    expect(() => secretBox(randomBytes(32)).open(sealed, "connection 1")).toThrow(/another key/);
    const altered = Buffer.from(sealed);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(() => box.open(altered, "connection 1")).toThrow();
  });
});

describe("loadSecretKey", () => {
  it("makes the key once, for its owner's eyes", () => {
    const home = mkdtempSync(join(tmpdir(), "orderloom-key-"));
    const key = loadSecretKey(home, undefined);
    expect(loadSecretKey(home, undefined).equals(key)).toBe(true);
    expect(statSync(join(home, "secret.key")).mode & 0o777).toBe(0o600);
  });
});
