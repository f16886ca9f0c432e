import { expect, it } from "vitest";
import { passwordsAt } from "./passwords.ts";

const password = "correct horse battery staple";
const cheap = passwordsAt(2 ** 4);

it("a password is known again, however its characters are composed, and no other is", async () => {
  const hash = await cheap.hash(`${password} é`);
  expect(hash).toMatch(/^scrypt\$16\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(await cheap.check(`${password} e\u0301`, hash)).toBe(true);
  expect(await cheap.check(`${password} e`, hash)).toBe(false);
});

it("two hashes of one password differ", async () => {
  expect(await cheap.hash(password)).not.toBe(await cheap.hash(password));
});

it("an account without a password lets nobody in, whatever is given", async () => {
  expect(await cheap.check(password, null)).toBe(false);
  expect(await cheap.check("", null)).toBe(false);
});

it("a hash made at another cost is checked by its own", async () => {
  // RFC 7914, section 12: P="pleaseletmein", S="SodiumChloride", N=16384, r=8, p=1, the first 32 bytes.
  const key = Buffer.from("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2", "hex").toString("base64url");
  const hash = `scrypt$16384$8$1$${Buffer.from("SodiumChloride").toString("base64url")}$${key}`;
  expect(await cheap.check("pleaseletmein", hash)).toBe(true);
});
