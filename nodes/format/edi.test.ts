import { existsSync, readFileSync } from "node:fs";
import Parser from "edifact/parser.js";
import fc from "fast-check";
import { X12Interchange, X12Parser } from "node-x12";
import { describe, expect, it } from "vitest";
import { readEdifact } from "./edifact.ts";
import { writeEdifact } from "./writeEdifact.ts";
import { writeAcknowledgement, writeX12 } from "./writeX12.ts";
import { readX12 } from "./x12.ts";

const x12 = { type: "x12" } as const;
const edifact = { type: "edifact" } as const;
const when = { date: "20261127", time: "1015" };
const parties = { sender: { qualifier: "01", id: "ORDERLOOM" }, receiver: { qualifier: "ZZ", id: "WAREHOUSE" } };

const warehouseOrder = {
  ...parties,
  ...when,
  control: 12,
  transactions: [
    {
      type: "940",
      segments: [
        ["W05", "N", "1001", "PO-7"],
        ["N1", "ST", "Ada Lovelace", "", ""],
        ["N3", "1 Main St"],
        ["N4", "Solon", "OH", "44139", "US"],
        ["LX", 1],
        ["W01", 2, "EA", "", "VN", "SKU-1"],
        ["LX", 2],
        ["W01", 1, "EA", "", "VN", "SKU-2"],
        ["W76", 3],
      ],
    },
  ],
};
const written = writeX12(warehouseOrder);

const loops = [
  { name: "parties", starts: "N1", has: ["N2", "N3", "N4"] },
  { name: "lines", starts: "LX", has: ["W01"] },
];

describe("X12", () => {
  it("writes an interchange whose envelope, counts and control numbers fit", () => {
    expect(written.split("\n").slice(0, 4)).toEqual([
      "ISA*00*          *00*          *01*ORDERLOOM      *ZZ*WAREHOUSE      *261127*1015*U*00401*000000012*0*P*>~",
      "GS*OW*ORDERLOOM*WAREHOUSE*20261127*1015*12*X*004010~",
      "ST*940*0001~",
      "W05*N*1001*PO-7~",
    ]);
    expect(written).toContain("N1*ST*Ada Lovelace~\n");
    expect(written).toMatch(/SE\*11\*0001~\nGE\*1\*12~\nIEA\*1\*000000012~\n$/);
  });

  it("writes what node-x12 reads the same", () => {
    const interchange = new X12Parser(true).parse(written);
    if (!(interchange instanceof X12Interchange)) throw new Error("node-x12 read no interchange.");
    const [transaction] = interchange.functionalGroups[0]?.transactions ?? [];
    const inner = transaction?.segments.map(({ tag, elements }) => [tag, ...elements.map(({ value }) => value)]);
    expect(inner?.[0]).toEqual(["W05", "N", "1001", "PO-7"]);
    expect(inner).toHaveLength(9);
  });

  it("reads segments in their order, or by loops", () => {
    const [flat] = transactionsOf(readX12(written, x12));
    expect(flat).toMatchObject({ type: "940", control: "0001" });
    expect(flat?.segments).toHaveLength(9);
    const [nested] = transactionsOf(readX12(written, { ...x12, loops }));
    expect(nested).toEqual({
      type: "940",
      control: "0001",
      W05: [{ id: "W05", W0501: "N", W0502: "1001", W0503: "PO-7" }],
      parties: [
        {
          N1: [{ id: "N1", N101: "ST", N102: "Ada Lovelace" }],
          N3: [{ id: "N3", N301: "1 Main St" }],
          N4: [{ id: "N4", N401: "Solon", N402: "OH", N403: "44139", N404: "US" }],
        },
      ],
      lines: [
        { LX: [{ id: "LX", LX01: "1" }], W01: [{ id: "W01", W0101: "2", W0102: "EA", W0104: "VN", W0105: "SKU-1" }] },
        { LX: [{ id: "LX", LX01: "2" }], W01: [{ id: "W01", W0101: "1", W0102: "EA", W0104: "VN", W0105: "SKU-2" }] },
      ],
      W76: [{ id: "W76", W7601: "3" }],
    });
  });

  it("is read and written again byte by byte, with delimiters of its own and several interchanges", () => {
    const delimiters = { element: "|", segment: "\u0015", component: ":", repeat: "^" };
    const other = writeX12({ ...warehouseOrder, version: "00501", delimiters, control: 13 });
    const { interchanges } = readX12(written + other, x12);
    expect(interchanges.map((each) => writeX12(each))).toEqual([written, other]);
  });

  it("acknowledges an interchange with a 997 that goes back to its sender", () => {
    const text = writeAcknowledgement({ received: readX12(written, x12), control: 99, ...when });
    const [answer] = readX12(text, x12).interchanges;
    expect(answer).toMatchObject({ sender: parties.receiver, receiver: parties.sender, control: "000000099" });
    expect(text).toContain("GS*FA*WAREHOUSE*ORDERLOOM*20261127*1015*99*X*004010~\nST*997*0001~\nAK1*OW*12~\n");
    expect(text).toContain("AK2*940*0001~\nAK5*A~\nAK9*A*1*1*1~\nSE*6*0001~");
  });

  it.each([
    ["a segment lost on the way", written.replace("W76*3~\n", ""), "SE of segment 12 states 11 segments, and there are 10"],
    ["another control number at the end", written.replace("IEA*1*000000012", "IEA*1*000000013"), "ISA13 and IEA02 differ"],
    ["a text cut off", written.slice(0, 300), "cut off"],
    ["a transaction without end", written.replace("SE*11*0001~\n", ""), "before the SE that ends ST"],
    ["no group", written.replace(/GS.*~\n/, ""), "where GS belongs"],
    ["no X12", "hello", "begins with ISA"],
    ["nothing", " ", "empty"],
    ["a tag that is none", written.replace("W76", "w7"), "is no tag"],
  ])("refuses %s", (_what, text, why) => {
    expect(() => readX12(text, x12)).toThrow(why);
  });

  it.each([
    ["a delimiter in a text", { transactions: [{ type: "940", segments: [["N1", "ST", "A*B"]] }] }, 'N102 holds "*"'],
    ["a line break", { transactions: [{ type: "940", segments: [["N1", "ST", "A\nB"]] }] }, "line break"],
    ["an unknown element", { transactions: [{ type: "940", segments: [{ id: "N1", N2: "x" }] }] }, '"N2"'],
    ["no control number", { control: undefined }, "no control"],
    ["a sender that is too long", { sender: { id: "1234567890123456" } }, "longer than 15"],
    ["an unknown transaction", { transactions: [{ type: "999", segments: [] }] }, "functional code"],
  ])("does not write %s", (_what, change, why) => {
    expect(() => writeX12({ ...warehouseOrder, ...change })).toThrow(why);
  });

  const fixture = new URL("../../../shared/fixtures/edi/x12/850.edi", import.meta.url);
  it.skipIf(!existsSync(fixture))("reads the order of the shared fixtures (skipped without ../shared)", () => {
    const [order] = transactionsOf(
      readX12(readFileSync(fixture, "utf8"), { ...x12, loops: [{ name: "lines", starts: "PO1", has: ["PID", "PO4"] }] }),
    );
    expect(order).toMatchObject({ type: "850", BEG: [{ BEG03: "08292233294", BEG05: "20101127" }] });
    expect(order?.lines).toMatchObject([
      { PO1: [{ PO101: "1", PO102: "120", PO104: "9.25" }] },
      { PO1: [{ PO102: "220" }] },
      {},
      {},
      {},
      {},
    ]);
  });
});

const transactionsOf = ({ interchanges }: ReturnType<typeof readX12>): Record<string, unknown>[] =>
  interchanges.flatMap(({ groups }) =>
    (groups as { transactions: Record<string, unknown>[] }[]).flatMap(({ transactions }) => transactions),
  );

const despatch = {
  sender: { id: "4012345000009", qualifier: "14" },
  receiver: { id: "4098765000002", qualifier: "14" },
  date: "261127",
  time: "1015",
  control: "42",
  messages: [
    {
      type: "DESADV",
      version: "D:96A:UN",
      segments: [
        ["BGM", "351", "DES-7", "9"],
        ["DTM", ["137", "20261127", "102"]],
        ["NAD", "ST", ["4098765000002", "", "9"], "", "O'Brien + Söhne?"],
        ["CPS", "1"],
        ["LIN", "1", "", ["4000862141404", "SRV"]],
        ["QTY", ["12", "2"]],
        ["LIN", "2", "", ["4000862141405", "SRV"]],
        ["QTY", ["12", "1"]],
      ],
    },
  ],
};
const sent = writeEdifact(despatch);

describe("EDIFACT", () => {
  it("writes UNA, the envelope and released characters", () => {
    expect(sent.split("\n").slice(0, 6)).toEqual([
      "UNA:+.? '",
      "UNB+UNOC:3+4012345000009:14+4098765000002:14+261127:1015+42'",
      "UNH+1+DESADV:D:96A:UN'",
      "BGM+351+DES-7+9'",
      "DTM+137:20261127:102'",
      "NAD+ST+4098765000002::9++O?'Brien ?+ Söhne??'",
    ]);
    expect(sent).toMatch(/UNT\+10\+1'\nUNZ\+1\+42'\n$/);
  });

  it("writes what the package edifact reads the same", () => {
    // It takes the characters of level A alone.
    const shouted = sent.replace("UNOC", "UNOA").replace(/O.*Söhne/, (text) => text.toUpperCase().replace("Ö", "OE"));
    const segments: { tag: string; elements: string[][] }[] = [];
    const parser = new Parser();
    parser.on("opensegment", (tag) => segments.push({ tag, elements: [] }));
    parser.on("element", () => segments.at(-1)?.elements.push([]));
    parser.on("component", (text) => segments.at(-1)?.elements.at(-1)?.push(text));
    parser.write(shouted);
    parser.end();
    const elementsOf = (wanted: string) => segments.find(({ tag }) => tag === wanted)?.elements;
    expect(elementsOf("NAD")).toEqual([["ST"], ["4098765000002", "", "9"], [""], ["O'BRIEN + SOEHNE?"]]);
    expect(elementsOf("UNZ")).toEqual([["1"], ["42"]]);
  });

  it("reads messages by loops", () => {
    const lines = [{ name: "packs", starts: "CPS", loops: [{ name: "lines", starts: "LIN", has: ["QTY"] }] }];
    expect(readEdifact(sent, { ...edifact, loops: lines }).interchanges).toMatchObject([
      {
        control: "42",
        sender: { id: "4012345000009", qualifier: "14" },
        messages: [
          {
            type: "DESADV",
            version: "D:96A:UN",
            DTM: [{ DTM01: ["137", "20261127", "102"] }],
            NAD: [{ NAD04: "O'Brien + Söhne?" }],
            packs: [
              {
                CPS: [{ CPS01: "1" }],
                lines: [{ LIN: [{ LIN03: ["4000862141404", "SRV"] }], QTY: [{ QTY01: ["12", "2"] }] }, { LIN: [{ LIN01: "2" }] }],
              },
            ],
          },
        ],
      },
    ]);
  });

  it("takes other characters of UNA, none at all, groups, repeats of syntax 4 and several interchanges", () => {
    const own = "UNA|*,! ~UNB*UNOA|2*A*B*261127|1015*1~UNG*ORDERS~UNH*1*ORDERS|D|96A|UN~BGM*220*A!*B*9~UNT*3*1~UNE*1*1~UNZ*1*1~";
    const bare = "UNB+UNOC:4+A+B+261127:1015+2'\r\nUNH+1+ORDERS:D:96A:UN'\r\nBGM+220*221+B'\r\nUNT+3+1'\r\nUNZ+1+2'";
    expect(readEdifact(own + bare, edifact).interchanges).toMatchObject([
      { control: "1", messages: [{ segments: [{ BGM01: "220", BGM02: "A*B", BGM03: "9" }] }] },
      { control: "2", messages: [{ segments: [{ BGM01: { repeats: ["220", "221"] }, BGM02: "B" }] }] },
    ]);
  });

  it.each([
    ["a segment lost on the way", sent.replace("CPS+1'\n", ""), "UNT of segment 10 states 10 segments, and there are 9"],
    ["another reference at the end", sent.replace("UNZ+1+42", "UNZ+1+43"), "UNB05 and UNZ02 differ"],
    ["a text cut off", sent.slice(0, 200), "cut off"],
    ["a message without end", sent.replace("UNT+10+1'\n", ""), "not ended by UNT"],
    ["no EDIFACT", "UNZ+1'", "begins with UNB"],
    ["nothing", "", "empty"],
  ])("refuses %s", (_what, text, why) => {
    expect(() => readEdifact(text, edifact)).toThrow(why);
  });

  it("is read back the same, whatever the texts hold", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab?+:'*~ é") });
    const element = fc.oneof(
      text,
      fc.array(text, { minLength: 2, maxLength: 3 }).filter((parts) => parts.at(-1) !== ""),
    );
    const segment = fc.array(element, { minLength: 1, maxLength: 4 }).filter((elements) => elements.at(-1) !== "");
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), fc.constantFrom("UNOC:3", "UNOW:4"), (elements, syntax) => {
        const segments = elements.map((each) => ["FTX", ...each]);
        const [read] = readEdifact(
          writeEdifact({ ...despatch, syntax, messages: [{ type: "ORDERS", segments }] }),
          edifact,
        ).interchanges;
        const expected = elements.map((each) => ({
          id: "FTX",
          ...Object.fromEntries(each.flatMap((value, at) => (value === "" ? [] : [[`FTX0${at + 1}`, value]]))),
        }));
        expect(read?.messages).toMatchObject([{ segments: expected }]);
      }),
    );
  });

  it("incident: a file of very many empty messages is read in the time of its length", () => {
    const most = 120_000;
    const messages = Array.from({ length: most }, (_, index) => `UNH+${index}+ORDERS:D:96A:UN'UNT+2+${index}'`).join("");
    const began = performance.now();
    const { interchanges } = readEdifact(`UNB+UNOC:3+A+B+260105:1200+1'${messages}UNZ+${most}+1'`, { type: "edifact" }) as {
      interchanges: { messages: unknown[] }[];
    };
    expect(interchanges[0]?.messages).toHaveLength(most);
    // Half a minute when each message is looked for from the beginning.
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  it("never does anything but read or refuse with a sentence", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."UNBHTZISA+:'?*~ 1\n") }), (text) => {
        for (const read of [() => readEdifact(`UNB+${text}`, edifact), () => readX12(written.slice(0, 106) + text, x12)]) {
          try {
            read();
          } catch (error) {
            expect(error).toMatchObject({ name: "FormatError" });
          }
        }
      }),
    );
  });
});
