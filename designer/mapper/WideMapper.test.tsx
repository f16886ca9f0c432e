import { MantineProvider } from "@mantine/core";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { createDraft, DraftContext, type DraftStore } from "../canvas/draft.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { ready } from "../i18n/i18n.ts";
import { WideMapper } from "./WideMapper.tsx";

const neverSaved = () => new Promise<never>(() => {});

let box: HTMLElement;
let root: Root;
let draft: DraftStore;

beforeAll(() => {
  Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  return ready;
});
beforeEach(() => {
  const detail = { flow: validFlow(), revision: 1, updatedAt: "2026-01-01T00:00:00Z", updatedBy: "ann", problems: [] };
  draft = createDraft({ ...detail, latestVersion: null, changed: false, deployments: [], archivedAt: null }, neverSaved);
  box = document.createElement("div");
  document.body.append(box);
  root = createRoot(box);
  act(() => root.render(<Ground />));
});
afterEach(() => {
  act(() => root.unmount());
  box.remove();
});

function Ground() {
  const [open, setOpen] = useState(true);
  const [asking, setAsking] = useState(false);
  return (
    <MantineProvider env="test">
      <DraftContext value={draft}>
        {open && (
          <WideMapper title="Mapping" bar={null} view="fields" onClose={() => setOpen(false)}>
            <button id="plain" type="button" onClick={() => setAsking(true)}>
              Plain
            </button>
            <button id="takes" type="button" onKeyDown={(event) => event.preventDefault()}>
              Lets go of what was taken first
            </button>
            <button id="list" type="button" data-mantine-stop-propagation="true">
              Has a list open
            </button>
            <input id="search" />
            {asking && (
              <Dialog title="A question" onClose={() => setAsking(false)}>
                <button id="answer" type="button">
                  Answer
                </button>
              </Dialog>
            )}
          </WideMapper>
        )}
      </DraftContext>
    </MantineProvider>
  );
}

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`There is no #${id}.`);
  return found;
};
const press = (id: string, init: KeyboardEventInit) =>
  act(() => void byId(id).dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init })));
const leave = (id: string) => press(id, { key: "Escape" });
const undo = (id: string) => press(id, { key: "z", ctrlKey: true });
const dialogs = () => document.querySelectorAll("[role=dialog]").length;
const name = () => draft.getState().history.present.name;
const rename = (to: string) => act(() => draft.getState().dispatch({ kind: "setFlow", change: { name: to } }));

describe("the wide mapper", () => {
  it("closes by Escape only where nothing inside has a use for it", () => {
    leave("takes");
    leave("list");
    expect(dialogs()).toBe(1);
    leave("plain");
    expect(dialogs()).toBe(0);
  });

  it("stays when a dialog above it closes", () => {
    act(() => byId("plain").click());
    expect(dialogs()).toBe(2);
    leave("answer");
    expect(dialogs()).toBe(1);
  });

  it("undoes and redoes by key and by button, and leaves a field its own undo", () => {
    const before = name();
    rename("Another name");
    undo("search");
    expect(name()).toBe("Another name");
    undo("plain");
    expect(name()).toBe(before);
    const button = (id: string) => document.querySelector<HTMLElement>(`[data-testid="mapper-${id}"]`);
    expect(button("undo")?.getAttribute("aria-disabled")).toBe("true");
    act(() => button("redo")?.click());
    expect(name()).toBe("Another name");
    act(() => button("undo")?.click());
    press("plain", { key: "y", ctrlKey: true });
    expect(name()).toBe("Another name");
  });
});
