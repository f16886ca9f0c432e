import { MantineProvider } from "@mantine/core";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FileColumn } from "#schemas/fileColumns.ts";
import { ready } from "../i18n/i18n.ts";
import { ColumnTable } from "./ColumnTable.tsx";

let box: HTMLElement;
let root: Root;
let columns: FileColumn[];

beforeAll(() => {
  Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  return ready;
});
afterEach(() => {
  act(() => root.unmount());
  box.remove();
});

function Held({ first }: { first: FileColumn[] }) {
  const [held, setHeld] = useState(first);
  columns = held;
  return <ColumnTable columns={held} onChange={setHeld} />;
}

function show(first: FileColumn[]): void {
  box = document.createElement("div");
  document.body.append(box);
  root = createRoot(box);
  act(() =>
    root.render(
      <MantineProvider env="test">
        <Held first={first} />
      </MantineProvider>,
    ),
  );
}

function found(label: string): HTMLElement {
  const one = box.querySelector<HTMLElement>(`[aria-label="${label}"]`);
  if (!one) throw new Error(`There is no "${label}".`);
  return one;
}

const press = (label: string) => act(() => found(label).click());

/** React hears of a change of the text only where its own setter was passed by. */
function write(label: string, text: string): void {
  const input = found(label);
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

const altAnd = (key: string, label: string) =>
  act(() => found(label).dispatchEvent(new KeyboardEvent("keydown", { key, altKey: true, bubbles: true })));

const names = () => columns.map(({ name }) => name);

const three: FileColumn[] = [
  { name: "sku", type: "text", required: true },
  { name: "price", type: "decimal", format: "1.234,56" },
  { name: "since", type: "date" },
];

describe("the columns of a file", () => {
  it("are moved by buttons and by keyboard, and taken out", () => {
    show(three);
    press("Move sku down");
    expect(names()).toEqual(["price", "sku", "since"]);
    altAnd("ArrowUp", "Name of column 3");
    expect(names()).toEqual(["price", "since", "sku"]);
    altAnd("ArrowUp", "Name of column 1");
    press("Remove since");
    expect(columns).toEqual([three[1], three[0]]);
  });

  it("are added, named and required; a name that is missing or stands twice is said at its field", () => {
    show(three.slice(0, 1));
    act(() => box.querySelector<HTMLElement>('[data-testid="add-column"]')?.click());
    expect(box.textContent).toContain("It needs a name.");
    write("Name of column 2", "sku");
    expect(box.textContent).toContain("This name stands above already.");
    write("Name of column 2", "qty");
    press("qty is required");
    press("sku is required");
    expect(columns).toEqual([
      { name: "sku", type: "text" },
      { name: "qty", type: "text", required: true },
    ]);
    expect(found("Name of column 2").getAttribute("aria-invalid")).not.toBe("true");
  });

  it("say how they are written only where there is a choice", () => {
    show(three);
    expect(box.querySelector('[aria-label="How sku is written"]')).toBeNull();
    expect((found("How price is written") as HTMLInputElement).value).toBe("1.234,56");
    expect((found("How since is written") as HTMLInputElement).value).toBe("YYYY-MM-DD");
  });
});
