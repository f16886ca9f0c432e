// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { ariaKeys, caps, type Press, pressed, waysToPress } from "./keys.ts";

const press = (key: string, more: Partial<Press> = {}) =>
  pressed({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

describe("a key press as text", () => {
  it("names letters by their cap and takes Control and Command for one", () => {
    expect(press("z", { ctrlKey: true })).toBe("Mod+Z");
    expect(press("Z", { metaKey: true, shiftKey: true })).toBe("Mod+Shift+Z");
    expect(press("a")).toBe("A");
  });

  it("takes a sign as it is, whichever keyboard makes it with Shift", () => {
    expect(press("?", { shiftKey: true, code: "Slash" })).toBe("?");
    expect(press("?", { code: "KeyQ" })).toBe("?");
    expect(press("+", { shiftKey: true, code: "Equal" })).toBe("Plus");
    expect(press("-")).toBe("Minus");
  });

  it("knows digits with Shift by their place, and named keys with every modifier", () => {
    expect(press("!", { shiftKey: true, code: "Digit1" })).toBe("Shift+1");
    expect(press("ArrowUp", { shiftKey: true })).toBe("Shift+ArrowUp");
    expect(press("Escape")).toBe("Escape");
  });

  it("is shown by caps", () => {
    expect(caps("Mod+Shift+ArrowUp")).toEqual(["Ctrl", "Shift", "↑"]);
    expect(ariaKeys(["Mod+Z", "Delete"])).toBe("Control+Z Delete");
    expect(waysToPress(["Mod+Y", "Mod+Shift+Z"])).toEqual([
      ["Ctrl", "Y"],
      ["Ctrl", "Shift", "Z"],
    ]);
    expect(waysToPress(["ArrowLeft", "ArrowUp"])).toEqual([["←", "↑"]]);
    expect(waysToPress(["Shift+ArrowLeft", "Shift+ArrowUp"])).toEqual([["Shift", "←", "↑"]]);
  });
});
