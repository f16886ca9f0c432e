import { describe, expect, it } from "vitest";
import { readSettings } from "./settings.ts";

describe("settings", () => {
  it.each([
    [{ PORT: "99999" }, 'PORT is "99999"; give a whole number from 0 to 65535, 0 for any that is free.'],
    [{ PORT: "80.5" }, 'PORT is "80.5"; give a whole number from 0 to 65535, 0 for any that is free.'],
    [{ PORT: "web" }, 'PORT is "web"; give a number of 0 or more.'],
    [
      { DATABASE_URL: "user:secret at host" },
      "DATABASE_URL is not an address; give one such as postgres://user:password@host:5432/database.",
    ],
    [{ REDIS_URL: "redis" }, "REDIS_URL is not an address; give one such as redis://host:6379."],
    [{ ORDERLOOM_SCRYPT_N: "30000" }, 'ORDERLOOM_SCRYPT_N is "30000"; give a power of two, such as 32768.'],
    [
      { ORDERLOOM_OIDC_ISSUER: "https://login.example.com" },
      "ORDERLOOM_OIDC_ISSUER is set, so ORDERLOOM_OIDC_CLIENT_ID is needed too.",
    ],
    [
      { ORDERLOOM_OIDC_ISSUER: "http://login.example.com", ORDERLOOM_OIDC_CLIENT_ID: "loom" },
      "ORDERLOOM_OIDC_ISSUER is no address that can be trusted; give one such as https://login.example.com.",
    ],
    [{ ORDERLOOM_ROLE: "boss" }, 'ORDERLOOM_ROLE is "boss"; give one of all, api, worker, scheduler.'],
  ])("%j cannot be used, and the sentence says what can", (env, says) => {
    expect(() => readSettings(env)).toThrow(new Error(says));
  });

  it("keep keys and ledger as long as runs at least", () => {
    const says =
      "ORDERLOOM_KEEP_LEDGER_DAYS is 30, less than ORDERLOOM_KEEP_RUNS_DAYS; give at least as many days, or 0 for ever.";
    expect(() => readSettings({ ORDERLOOM_KEEP_LEDGER_DAYS: "30" })).toThrow(new Error(says));
    expect(() => readSettings({ ORDERLOOM_KEEP_RUNS_DAYS: "0" })).toThrow("ORDERLOOM_KEEP_KEYS_DAYS is 400");
    expect(readSettings({ ORDERLOOM_KEEP_LEDGER_DAYS: "0" }).keep.ledger).toBe(0);
  });

  it("open the machine itself to connections only where nobody else can reach the server, or where they say so", () => {
    expect(readSettings({}).reach).toEqual(["loopback"]);
    expect(readSettings({ HOST: "0.0.0.0" }).reach).toEqual([]);
    expect(readSettings({ ORDERLOOM_REACH: "" }).reach).toEqual([]);
    const reach = "private, erp.internal:8069,10.0.0.0/8";
    expect(readSettings({ HOST: "0.0.0.0", ORDERLOOM_REACH: reach }).reach).toEqual([
      "private",
      "erp.internal:8069",
      "10.0.0.0/8",
    ]);
    expect(() => readSettings({ ORDERLOOM_REACH: "everything!" })).toThrow(
      'ORDERLOOM_REACH has "everything!"; give ranges (loopback,',
    );
  });

  it("take no admin token that could be guessed", () => {
    expect(() => readSettings({ ORDERLOOM_ADMIN_TOKEN: "admin" })).toThrow("has 5 characters; give 20 at least");
  });

  it("fall back where a variable is absent or empty", () => {
    expect(readSettings({ PORT: "", DATABASE_URL: "" })).toMatchObject({ port: 7400, host: "127.0.0.1", databaseUrl: undefined });
  });
});
