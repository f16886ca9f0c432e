import { describe, expect, it } from "vitest";
import type { Action } from "./actions.ts";
import { linesOf } from "./sheet.ts";

const action = (id: Action["id"], keys: string[]): Action => ({
  id,
  section: "view",
  keys,
  applies: () => true,
  run: () => undefined,
});

describe("the shortcut sheet", () => {
  it("has one line for what the page and a part of it can both do, with the keys of both, and none without a key", () => {
    const lines = linesOf([action("leave", ["Escape"]), action("remove", ["Delete"]), action("leave", ["Escape"])]);
    expect(lines.map(({ id, keys }) => [id, keys])).toEqual([
      ["leave", ["Escape"]],
      ["remove", ["Delete"]],
    ]);
    expect(linesOf([action("remove", ["Delete"]), action("remove", ["Backspace"]), action("arrange", [])])).toEqual([
      { id: "remove", section: "view", keys: ["Delete", "Backspace"] },
    ]);
  });
});
