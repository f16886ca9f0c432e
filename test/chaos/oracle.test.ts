import { describe, expect, it } from "vitest";
import { type Applied, type Expected, type Letter, oracle } from "./oracle.ts";

const order = (document: string): Expected => ({
  document,
  effects: [
    { system: "erp", amount: "10.10" },
    { system: "wms", amount: "10.10" },
  ],
});
const once = (system: string, document: string, amount = "10.10"): Applied => ({ system, document, creates: 1, amount });
const letter = (document: string, system: string | null, kind = "rejected"): Letter => ({
  document,
  system,
  class: kind,
  reason: { code: "x", message: "The target said no." },
});

describe("the oracle", () => {
  it("is content when every effect was applied once and the money is equal", () => {
    const verdict = oracle(
      [order("a"), order("b")],
      ["a", "b"].flatMap((id) => [once("erp", id), once("wms", id)]),
      [],
    );
    expect(verdict).toMatchObject({ ok: true, lost: [], duplicated: [], moneyDifference: "0.00" });
  });

  it("catches an order that is in one target and not in the next", () => {
    const verdict = oracle([order("a")], [once("erp", "a")], []);
    expect(verdict.ok).toBe(false);
    expect(verdict.lost).toMatchObject([{ system: "wms", document: "a" }]);
    expect(verdict.moneyDifference).toBe("-10.10");
  });

  it("catches an order that is nowhere", () => {
    expect(oracle([order("a")], [], []).lost).toHaveLength(2);
  });

  it("catches a double post", () => {
    const verdict = oracle([order("a")], [{ system: "erp", document: "a", creates: 2, amount: "20.20" }, once("wms", "a")], []);
    expect(verdict.ok).toBe(false);
    expect(verdict.duplicated).toMatchObject([{ system: "erp", document: "a" }]);
    expect(verdict.moneyDifference).toBe("10.10");
  });

  it("catches money that differs though every record is there once", () => {
    const verdict = oracle([order("a")], [once("erp", "a", "10.11"), once("wms", "a")], []);
    expect(verdict.ok).toBe(false);
    expect(verdict.moneyDifference).toBe("0.01");
    expect(verdict.lost).toHaveLength(1);
  });

  it("catches a record that nobody sent", () => {
    expect(oracle([], [once("erp", "ghost")], [])).toMatchObject({ ok: false, duplicated: [{ document: "ghost" }] });
  });

  it("takes a dead letter for an answer, at the effect or at an ancestor of it", () => {
    expect(oracle([order("a")], [], [letter("a", "erp")])).toMatchObject({ ok: true, letters: { rejected: 1 } });
    expect(oracle([order("a")], [], [letter("a", null, "invalid")]).ok).toBe(true);
    expect(oracle([order("a")], [once("erp", "a")], [letter("a", "wms")]).ok).toBe(true);
  });

  it("does not take a letter of a later effect, or of another order, for an answer", () => {
    expect(oracle([order("a")], [], [letter("a", "wms")]).lost).toMatchObject([{ system: "erp" }]);
    expect(oracle([order("a"), order("b")], [once("erp", "a"), once("wms", "a")], [letter("a", "erp")]).lost).toHaveLength(2);
  });

  it("catches a letter that does not say why, and does not let it excuse anything", () => {
    const silent: Letter = { ...letter("a", "erp"), reason: { code: "x" } };
    const verdict = oracle([order("a")], [], [silent]);
    expect(verdict.ok).toBe(false);
    expect(verdict.unexplained).toEqual([silent]);
    expect(verdict.lost).toHaveLength(2);
  });

  it("lets an effect in doubt be applied once or not at all, and never twice", () => {
    const doubt = letter("a", "wms", "inDoubt");
    expect(oracle([order("a")], [once("erp", "a")], [doubt]).ok).toBe(true);
    expect(oracle([order("a")], [once("erp", "a"), once("wms", "a")], [doubt]).ok).toBe(true);
    const twice: Applied = { system: "wms", document: "a", creates: 2, amount: "20.20" };
    expect(oracle([order("a")], [once("erp", "a"), twice], [doubt])).toMatchObject({ ok: false, moneyDifference: "10.10" });
  });
});
