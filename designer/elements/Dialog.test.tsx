import { Button, MantineProvider } from "@mantine/core";
import { act, useState } from "react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { drawingOfEach } from "../drawing.fixture.ts";
import { ready } from "../i18n/i18n.ts";
import { Dialog } from "./Dialog.tsx";

// After a test the page is emptied first, by what is said last.
afterEach(() => vi.unstubAllGlobals());
const drawing = drawingOfEach();

beforeAll(() => ready);
beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => run());
});

/** A button whose dialog is mounted and unmounted as a whole, as all of ours. */
function Opener({ menu }: { menu: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <MantineProvider env="test">
      <button id="opener" type="button" onClick={() => !menu && setOpen(true)}>
        Open
      </button>
      {menu && !open && (
        <div role="menu" aria-labelledby="opener">
          <button id="entry" type="button" role="menuitem" onClick={() => setOpen(true)}>
            Entry
          </button>
        </div>
      )}
      {open && (
        <Dialog title="A question" onClose={() => setOpen(false)}>
          <Button id="answer" data-autofocus>
            Answer
          </Button>
        </Dialog>
      )}
    </MantineProvider>
  );
}

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`There is no #${id}.`);
  return found;
};
const pressEscape = () =>
  act(() => {
    byId("answer").focus();
    byId("answer").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  });

describe("a dialog", () => {
  it.each([
    [false, "the button that opened it", "opener"],
    [true, "the button of the menu that opened it", "entry"],
  ])("closes by Escape and gives the focus back (%s: %s)", (menu, _, from) => {
    act(() => drawing.root.render(<Opener menu={menu} />));
    byId(from).focus();
    act(() => byId(from).click());
    expect(document.querySelector("[role=dialog]")).not.toBeNull();
    // At once, not a moment later: a key that is pressed now is meant for it.
    expect(document.activeElement).toBe(byId("answer"));
    pressEscape();
    expect(document.querySelector("[role=dialog]")).toBeNull();
    expect(document.activeElement).toBe(byId("opener"));
  });
});
