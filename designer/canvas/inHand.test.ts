import { describe, expect, it } from "vitest";
import { inHand, type Place } from "./inHand.ts";

describe("what is done is done", () => {
  const nodes = [{ id: "one", selected: true }, { id: "two" }, { id: "three", selected: true }];
  const edges = [{ id: "one" }, { id: "e2", selected: true }];
  const held = (at: Place | null) => {
    const { nodes: cards, edges: links } = inHand(nodes, edges, at);
    return [cards.map(({ id }) => id).join(" "), links.map(({ id }) => id).join(" ")];
  };

  it("to all that is selected, also where the keyboard stands on one of it", () => {
    expect(held(null)).toEqual(["one three", "e2"]);
    expect(held({ kind: "board", id: "three" })).toEqual(["one three", "e2"]);
    expect(held({ kind: "edge", id: "e2" })).toEqual(["one three", "e2"]);
  });

  it("to what the keyboard stands on alone where that is not selected; a card and an edge may have one id", () => {
    expect(held({ kind: "board", id: "two" })).toEqual(["two", ""]);
    expect(held({ kind: "edge", id: "one" })).toEqual(["", "one"]);
  });

  it("to what is selected where what the keyboard stood on is gone", () => {
    expect(held({ kind: "board", id: "gone" })).toEqual(["one three", "e2"]);
  });
});
