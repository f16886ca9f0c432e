import { MantineProvider } from "@mantine/core";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { ready } from "../i18n/i18n.ts";
import { CompareTool } from "./CompareTool.tsx";

beforeAll(() => {
  Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  return ready;
});

describe("the comparison of samples", () => {
  it.each([
    [0, false],
    [1, false],
    [2, true],
  ])("with %i samples: opens %j, and says why where it does not", (samples, opens) => {
    const box = document.createElement("div");
    const root = createRoot(box);
    const open = vi.fn();
    act(() =>
      root.render(
        <MantineProvider env="test">
          <CompareTool samples={samples} onOpen={open} />
        </MantineProvider>,
      ),
    );
    const tool = box.querySelector("button");
    act(() => tool?.click());
    expect(open).toHaveBeenCalledTimes(opens ? 1 : 0);
    expect(tool?.getAttribute("aria-disabled")).toBe(opens ? null : "true");
    expect(tool?.getAttribute("aria-description") ?? "").toContain(opens ? "" : "no other sample");
    act(() => root.unmount());
  });
});
