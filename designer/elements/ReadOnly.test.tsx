import { Button, Checkbox, MantineProvider, MultiSelect, SegmentedControl, Select, Switch, TextInput } from "@mantine/core";
import { act } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { drawingOfEach } from "../drawing.fixture.ts";
import { CodeEditor } from "../expression/CodeEditor.tsx";
import { themeWith } from "../theme/theme.ts";
import { LooksOnly, ReadOnly } from "./ReadOnly.tsx";

const drawing = drawingOfEach();
let changed: string[];

beforeEach(() => {
  changed = [];
});

const tell = (name: string) => () => changed.push(name);
const data = ["one", "two"];
const noLanguage: [] = [];

const show = (on: boolean) =>
  act(() =>
    drawing.root.render(
      <MantineProvider env="test" theme={themeWith({ close: "Close" })}>
        <ReadOnly on={on}>
          <TextInput id="text" value="one" onChange={tell("text")} />
          <Select id="select" data={data} value="one" onChange={tell("select")} />
          <MultiSelect id="several" data={data} value={["one"]} onChange={tell("several")} />
          <SegmentedControl id="way" data={data} value="one" onChange={tell("way")} />
          <Switch id="switch" checked onChange={tell("switch")} />
          <Checkbox id="check" checked onChange={tell("check")} />
          <CodeEditor label="Code" value="a + b" onChange={tell("code")} language={noLanguage} small />
          <Button id="add" onClick={tell("add")}>
            Add
          </Button>
          <LooksOnly>
            <Select id="shown" data={data} value="one" onChange={tell("shown")} />
            <SegmentedControl id="view" data={data} value="one" onChange={tell("view")} />
            <Button id="next" onClick={tell("next")}>
              Next
            </Button>
          </LooksOnly>
        </ReadOnly>
      </MantineProvider>,
    ),
  );

const at = (id: string): HTMLElement => {
  const found = drawing.box.querySelector<HTMLElement>(`#${id}`);
  if (!found) throw new Error(`There is no "${id}".`);
  return found;
};
const second = (id: string): HTMLElement => at(id).querySelectorAll<HTMLElement>('input[type="radio"]')[1] ?? at(id);
const code = () => drawing.box.querySelector<HTMLElement>(".cm-content");

const pressAll = () => {
  for (const one of [at("switch"), at("check"), second("way"), at("add"), second("view"), at("next")]) act(() => one.click());
  for (const one of ["select", "several", "shown"]) chooseIn(at(one));
};

/** Of a list that opens, every choice; a list that stays closed can stand in the page as well. */
function chooseIn(field: HTMLElement): void {
  act(() => field.click());
  if (field.getAttribute("aria-expanded") !== "true") return;
  const list = document.querySelector(`#${field.getAttribute("aria-controls")}`);
  for (const option of list?.querySelectorAll<HTMLElement>('[role="option"]') ?? []) act(() => option.click());
}

describe("fields that are to be read", () => {
  it("can be reached and heard as such, but nothing changes them", () => {
    show(true);
    const fields = [...drawing.box.querySelectorAll<HTMLInputElement>("input:not([type=hidden])")];
    expect(fields.length).toBeGreaterThan(8);
    expect(fields.filter((field) => field.disabled)).toEqual([]);
    expect((at("text") as HTMLInputElement).readOnly).toBe(true);
    for (const id of ["select", "several", "way", "switch"]) expect(at(id).getAttribute("aria-readonly"), id).toBe("true");
    expect(code()?.getAttribute("aria-readonly")).toBe("true");
    expect(code()?.tabIndex).toBe(0);
    expect((at("add") as HTMLButtonElement).disabled).toBe(true);
    pressAll();
    expect(new Set(changed)).toEqual(new Set(["view", "next", "shown"]));
    expect(at("select").getAttribute("aria-expanded")).not.toBe("true");
  });

  it("are as ever where they may be changed", () => {
    show(false);
    expect(drawing.box.querySelectorAll("[aria-readonly='true']").length).toBe(0);
    expect((at("text") as HTMLInputElement).readOnly).toBe(false);
    pressAll();
    expect(new Set(changed)).toEqual(new Set(["switch", "check", "way", "add", "view", "next", "select", "several", "shown"]));
  });
});
