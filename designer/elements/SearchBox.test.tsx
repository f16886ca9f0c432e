import { MantineProvider } from "@mantine/core";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ready } from "../i18n/i18n.ts";
import { SearchBox } from "./SearchBox.tsx";

let root: Root;
/** What was handed on and has not come back yet; `comeBack` lets the eldest come. */
let away: string[] = [];
let show: (value: string) => void = () => undefined;

beforeEach(async () => {
  Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  await ready;
  vi.useFakeTimers();
  away = [];
  root = createRoot(document.body.appendChild(document.createElement("div")));
  act(() =>
    root.render(
      <MantineProvider env="test">
        <Late />
      </MantineProvider>,
    ),
  );
});
afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** A list whose address comes back when it will. */
function Late() {
  const [value, setValue] = useState("");
  show = setValue;
  return <SearchBox label="Search" value={value} onChange={(text) => away.push(text)} />;
}

const field = () => document.querySelector("input") as HTMLInputElement;
const moment = () => act(() => vi.advanceTimersByTime(1_000));
const comeBack = () => act(() => show(away.shift() ?? ""));
/** As the browser does it: the text of the field, then its event. */
const key = (letter: string) =>
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field(), field().value + letter);
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });

it("keeps every letter, however late the address follows", () => {
  key("b");
  moment();
  key("u");
  moment();
  key("l");
  expect(away).toEqual(["b", "bu"]);
  comeBack();
  expect(field().value).toBe("bul");
  key("k");
  comeBack();
  expect(field().value).toBe("bulk");
  moment();
  comeBack();
  expect(field().value).toBe("bulk");
});

it("hands on once for letters typed in one go, and at once on Enter", () => {
  for (const letter of "flow") key(letter);
  expect(away).toEqual([]);
  act(() => field().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
  expect(away).toEqual(["flow"]);
  moment();
  expect(away).toEqual(["flow"]);
});

it("takes what the address says on its own, and forgets what waited", () => {
  key("x");
  act(() => show("another"));
  expect(field().value).toBe("another");
  moment();
  expect(away).toEqual([]);
  act(() => show(""));
  expect(field().value).toBe("");
});
