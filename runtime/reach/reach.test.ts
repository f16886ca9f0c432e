import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWire, wireFailure } from "#runtime/engine/wire.ts";
import { readEntry } from "./entry.ts";
import { rangeOf } from "./range.ts";
import { fault, OutOfReach, openReaches, placeOf } from "./reach.ts";

describe("the range of an address", () => {
  it.each([
    ["127.0.0.1", "loopback"],
    ["::1", "loopback"],
    ["10.0.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["fd12:3456::1", "uniqueLocal"],
    ["100.64.0.1", "carrierGrade"],
    ["169.254.1.1", "linkLocal"],
    ["fe80::1%eth0", "linkLocal"],
    ["224.0.0.1", "multicast"],
    ["ff02::1", "multicast"],
    ["255.255.255.255", "reserved"],
    ["2001::1", "reserved"],
    ["no address", "reserved"],
    ["169.254.169.254", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    // The same in IPv6's clothes: mapped, compatible, NAT64, 6to4.
    ["::ffff:169.254.169.254", "metadata"],
    ["::ffff:a9fe:a9fe", "metadata"],
    ["::169.254.169.254", "metadata"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["2002:a9fe:a9fe::1", "metadata"],
    ["::ffff:127.0.0.1", "loopback"],
    // A connection to no address in particular is one to this machine.
    ["0.0.0.0", "loopback"],
    ["0.1.2.3", "loopback"],
    ["::", "loopback"],
    ["::ffff:0.0.0.0", "loopback"],
    ["64:ff9b::", "loopback"],
    ["2002::", "loopback"],
    ["2002:7f00:1::", "loopback"],
    ["1.1.1.1", null],
    ["2606:4700:4700::1111", null],
    ["64:ff9b::101:101", null],
  ])("%s is %s", (address, range) => {
    expect(rangeOf(address)).toBe(range);
  });
});

describe("what may be reached", () => {
  const place = { host: "erp.internal", port: 8069 };
  const entries = (texts: string[]) => texts.flatMap((text) => readEntry(text) ?? []);
  const allowed = (address: string, environment: string[], everywhere: string[] = [], at = place) =>
    fault(at, address, entries(everywhere), entries(environment)) === undefined;

  it("is the open internet, and inside networks what is named: a range, a network, a host", () => {
    expect(allowed("93.184.215.14", [])).toBe(true);
    expect(allowed("10.20.1.1", [])).toBe(false);
    for (const entry of ["private", "10.20.0.0/16", "erp.internal", "ERP.internal.", "erp.internal:8069"])
      expect([entry, allowed("10.20.1.1", [entry.toLowerCase()])]).toEqual([entry, true]);
    for (const entry of ["uniqueLocal", "10.21.0.0/16", "fd00::/8", "other.internal", "erp.internal:80"])
      expect([entry, allowed("10.20.1.1", [entry])]).toEqual([entry, false]);
    const literal = { host: "fd12::7", port: 8069 };
    expect(allowed("fd12::7", ["[fd12:0::7]:8069"], [], literal)).toBe(true);
  });

  it("never is the machine itself or its credentials, but for whoever runs the server", () => {
    for (const [address, range] of [
      ["127.0.0.1", "loopback"],
      ["0.0.0.0", "loopback"],
      ["::", "loopback"],
      ["169.254.169.254", "metadata"],
    ] as const) {
      const wide = ["0.0.0.0/0", "0.0.0.0/8", "::/0", "::/8", "linkLocal", "reserved"];
      expect(allowed(address, [range, "erp.internal", ...wide])).toBe(false);
      expect(allowed(address, [], [range])).toBe(true);
    }
    expect(allowed("169.254.169.254", [], ["0.0.0.0/0", "erp.internal"])).toBe(false);
  });

  it("is refused in a sentence that names host, address, range and setting", () => {
    const refused = fault(place, "10.20.1.1", [], []);
    expect(refused?.message).toBe("erp.internal (10.20.1.1) is a private address, which may not be reached from here.");
    expect(refused?.hint).toBe(
      "If it is meant, an admin allows erp.internal:8069, or the range private, in the settings of the environment.",
    );
    expect(fault({ host: "127.0.0.1", port: 6379 }, "127.0.0.1", [], [])?.hint).toContain("ORDERLOOM_REACH=loopback");
  });

  it("is read from plain words alone", () => {
    for (const text of ["", "10.0.0.0/33", "a b", "http://erp", "erp:0", "erp:70000", "2852039166", "0xa9fea9fe", "[::1", "-a"])
      expect([text, readEntry(text)]).toEqual([text, undefined]);
    fc.assert(fc.property(fc.string(), (text) => [undefined, "range", "network", "host"].includes(readEntry(text)?.kind)));
  });
});

describe("a request", () => {
  const seen: string[] = [];
  let server: Server;
  let origin = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(String(request.url));
      if (request.url === "/redirect") response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" });
      response.end("inside");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const get = (url: string, wire: ReturnType<typeof openWire>, reach: string[] = []) =>
    wire.send({ method: "GET", url, headers: {}, body: null, timeoutMs: 5_000, reach });

  it.each([
    "http://169.254.169.254/",
    "http://2852039166/",
    "http://0251.0376.0251.0376/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0xa9fea9fe/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://169.254.169.254./",
    "http://user:pass@169.254.169.254/",
  ])("incident: metadata read by another way to write it, %s", async (url) => {
    const wire = openWire(openReaches(["loopback"]));
    const error = await get(url, wire).catch((raw: unknown) => raw);
    expect(error).toBeInstanceOf(OutOfReach);
    expect(wireFailure(error)).toMatchObject({ what: "outOfReach", class: "auth", applied: "no" });
    expect((error as Error).message).toContain("metadata");
    await wire.close();
  });

  it("incident: metadata read by a redirect", async () => {
    const wire = openWire(openReaches(["loopback"]));
    const answer = await get(`http://${origin}/redirect`, wire);
    // An answer like any other, for the connector's rules; nobody went there.
    expect([answer.status, answer.headers.location]).toEqual([302, "http://169.254.169.254/latest/meta-data/"]);
    await wire.close();
  });

  it("incident: a name that means another address the second time (DNS rebinding)", async () => {
    const port = Number(origin.split(":")[1]);
    let asked = 0;
    const answers = [["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1", "10.0.0.1"]];
    const reaches = openReaches([`shop.example:${port}`], (_host, _options, done) => {
      const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    });
    // The address that was looked at is the one connected to: it is resolved once for each socket.
    const wire = openWire(reaches);
    expect((await get(`http://shop.example:${port}/once`, wire)).body).toBe("inside");
    expect(asked).toBe(1);
    const again = openWire(reaches);
    expect(await get(`http://shop.example:${port}/twice`, again).catch((raw: unknown) => raw)).toBeInstanceOf(OutOfReach);
    expect(asked).toBe(2);
    expect(seen).not.toContain("/twice");
    await Promise.all([wire.close(), again.close()]);
  });

  it("goes nowhere for a name of which one address may not be reached", async () => {
    const reaches = openReaches([], (_host, _options, done) =>
      done(null, [
        { address: "93.184.215.14", family: 4 },
        { address: "10.0.0.1", family: 4 },
      ]),
    );
    const wire = openWire(reaches);
    expect(await get("http://shop.example/", wire).catch((raw: unknown) => raw)).toBeInstanceOf(OutOfReach);
    await wire.close();
  });

  it("does not use a socket that another environment was allowed to open", async () => {
    const port = Number(origin.split(":")[1]);
    const reaches = openReaches([], (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]));
    const wire = openWire(reaches);
    const url = `http://shop.example:${port}/shared`;
    expect(await get(url, wire, ["private"]).catch((raw: unknown) => raw)).toBeInstanceOf(OutOfReach);
    reaches.allow(`shop.example:${port}`);
    expect((await get(url, wire, ["private"])).status).toBe(200);
    expect(placeOf(new URL("https://[fd12::7]/"))).toEqual({ host: "fd12::7", port: 443 });
    await wire.close();
  });
});
