import { describe, expect, it } from "vitest";
import type { Action } from "../actions/actions.ts";
import type { ActionId, Section } from "../actions/say.ts";
import { menuParts } from "./menuParts.ts";

const action = (id: ActionId, section: Section): Action => ({ id, section, keys: [], applies: () => true, run: () => undefined });
const ids = (actions: Action[]) => menuParts(actions).map((part) => part.map(({ id }) => id));
const whole = [
  action("undo", "edit"),
  action("paste", "edit"),
  action("addNode", "edit"),
  action("zoomIn", "view"),
  action("exportFlow", "flow"),
];

describe("the parts of the canvas' menu", () => {
  it("begin with what is about the selected and end with removing it; the whole canvas is left out", () => {
    const card = [
      action("cut", "edit"),
      action("remove", "edit"),
      action("rename", "edit"),
      action("arrange", "arrange"),
      action("zoomTo", "view"),
    ];
    expect(ids([...whole, ...card])).toEqual([["rename", "zoomTo"], ["cut", "paste"], ["undo"], ["arrange"], ["remove"]]);
  });

  it("are of the whole canvas where nothing is selected", () => {
    expect(ids(whole)).toEqual([["paste"], ["undo", "addNode"], ["zoomIn"], ["exportFlow"]]);
  });
});
