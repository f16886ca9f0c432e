import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALWAYS_BYTES, charactersOf, MOST_ENTRIES, MOST_UNPACKED_BYTES, textOf, unpack } from "./unpack.ts";
import { zipped } from "./zipped.fixture.ts";

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

describe("gzip", () => {
  it("gives what was packed, and refuses what is cut off or none", async () => {
    const packed = gzipSync("order\t1\n");
    expect(text((await unpack(packed, "gzip"))[0]?.bytes)).toBe("order\t1\n");
    await expect(unpack(packed.subarray(0, packed.length - 9), "gzip")).rejects.toThrow("not whole");
    await expect(unpack(Buffer.from("order"), "gzip")).rejects.toThrow("not gzip");
  });

  it("incident: a gzip bomb in a file, stopped at its ratio; a small file of one letter passes", async () => {
    const small = gzipSync(Buffer.alloc(ALWAYS_BYTES));
    expect((await unpack(small, "gzip"))[0]?.bytes.length).toBe(ALWAYS_BYTES);
    await expect(unpack(gzipSync(Buffer.alloc(ALWAYS_BYTES + 1)), "gzip")).rejects.toThrow("more than may come out");
    const large = gzipSync(Buffer.alloc(MOST_UNPACKED_BYTES + 1, Buffer.from("order 12345; 0\n")));
    await expect(unpack(large, "gzip")).rejects.toMatchObject({ name: "FormatError" });
  });
});

describe("zip", () => {
  it("gives each file with its name", async () => {
    const archive = zipped([
      { name: "a.csv", content: "a" },
      { name: "folder/", content: "" },
      { name: "folder/b.csv", content: "b" },
    ]);
    const files = await unpack(archive, "zip");
    expect(files.map(({ name, bytes }) => [name, text(bytes)])).toEqual([
      ["a.csv", "a"],
      ["folder/b.csv", "b"],
    ]);
  });

  it("gives the text of one file, and none of several", async () => {
    expect(await textOf(zipped([{ name: "recon.csv", content: "a" }]), { packed: "zip" })).toBe("a");
    const two = zipped(["a", "b"].map((name) => ({ name, content: name })));
    await expect(textOf(two, { packed: "zip" })).rejects.toThrow("several files");
  });

  it.each([
    ["a name that climbs out", [{ name: "../../etc/cron.d/x", content: "x" }], "invalid relative path"],
    ["a name from the root", [{ name: "/etc/passwd", content: "x" }], "absolute path"],
    ["a bomb that says so", [{ name: "a", content: "0".repeat(ALWAYS_BYTES + 1) }], "more than may come out"],
    ["a bomb that lies about its size", [{ name: "a", content: "0".repeat(ALWAYS_BYTES * 3), says: 10 }], "not a ZIP archive"],
    [
      "several that are one together",
      [0, 1, 2].map((at) => ({ name: `${at}`, content: "0".repeat(ALWAYS_BYTES / 2) })),
      "more than",
    ],
    [
      "too many files",
      Array.from({ length: MOST_ENTRIES + 1 }, (_, at) => ({ name: `${at}`, content: "" })),
      "more than 1000 files",
    ],
    ["no file", [], "no files"],
  ])("incident: a zip bomb, or an archive that writes elsewhere; %s is refused", async (_what, entries, why) => {
    await expect(unpack(zipped(entries), "zip")).rejects.toThrow(why);
    await expect(unpack(zipped(entries), "zip")).rejects.toMatchObject({ name: "FormatError" });
  });

  it("refuses an archive that was changed or cut off, and never hangs", async () => {
    const whole = zipped([{ name: "orders.csv", content: "order,sku\n1,A\n".repeat(20) }]);
    const expected = "order,sku\n1,A\n".repeat(20);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const bytes = Buffer.from(cut ? whole.subarray(0, at) : whole);
        if (!cut) bytes[at] = byte;
        const files = await unpack(bytes, "zip").catch((error: unknown) => {
          expect(error).toMatchObject({ name: "FormatError" });
          return [];
        });
        for (const { bytes: content } of files) expect(text(content)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe("characters", () => {
  it("are read in the charset that is declared, and refused in another", () => {
    expect(charactersOf(Buffer.from("\ufeffé€"))).toBe("é€");
    expect(charactersOf(Uint8Array.from([0xe9, 0x80]), "windows-1252")).toBe("é€");
    expect(charactersOf(Uint8Array.from([0xe9, 0xa4]), "iso-8859-15")).toBe("é€");
    expect(charactersOf(Uint8Array.from([0xe9]), "iso-8859-1")).toBe("é");
    expect(charactersOf(Uint8Array.from([0x41, 0x00]), "utf-16le")).toBe("A");
    expect(() => charactersOf(Uint8Array.from([0xff, 0xfe, 0x41]))).toThrow("It is not UTF-8 text.");
  });
});
