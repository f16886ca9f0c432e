import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useFocusBack } from "./useFocusBack.ts";

let root: Root;
beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const box = document.body.appendChild(document.createElement("div"));
  root = createRoot(box);
});
afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
});

function Panel() {
  useFocusBack();
  return <input id="inside" />;
}

const show = (open: boolean) =>
  act(() =>
    root.render(
      <>
        <button type="button" id="before" />
        <button type="button" id="other" />
        {open && <Panel />}
      </>,
    ),
  );
const focus = (id: string) => document.getElementById(id)?.focus();
const focused = () => document.activeElement?.id;
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

it("gives the focus back to what had it before", async () => {
  show(false);
  focus("before");
  show(true);
  focus("inside");
  show(false);
  await frame();
  expect(focused()).toBe("before");
});

it("leaves it where something else has taken it", async () => {
  show(false);
  focus("before");
  show(true);
  focus("other");
  show(false);
  await frame();
  expect(focused()).toBe("other");
});
