// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { focusPlace, tabOf } from "./tabs.ts";

describe("the way from a problem to its field", () => {
  it("leads to the tab on which the place is set", () => {
    expect(["/retry/attempts", "/onError", "/config/expression", "/slot", "/retryAfter"].map(tabOf)).toEqual([
      "limits",
      "limits",
      "config",
      "config",
      "config",
    ]);
  });

  it("gives the focus to the deepest field around the place", () => {
    document.body.innerHTML = `
      <div data-place="/config/cases"><button id="first"></button>
        <div data-place="/config/cases/1"><input id="second"></div></div>
      <input data-place="/name" id="name">`;
    const focused = (pointer: string) => (focusPlace(document, pointer) ? document.activeElement?.id : undefined);
    expect(focused("/config/cases/1/when")).toBe("second");
    expect(focused("/config/cases")).toBe("first");
    expect(focused("/config/cases/0/when")).toBe("first");
    expect(focused("/name")).toBe("name");
    expect(focused("/slot")).toBeUndefined();
  });
});
