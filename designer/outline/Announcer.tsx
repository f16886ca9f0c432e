import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Flow } from "#schemas/flow.ts";
import { say as sayAction } from "../actions/say.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { useDraft } from "../canvas/draft.ts";
import type { History } from "../canvas/history.ts";
import { firstLine, nodeNames } from "../canvas/names.ts";
import { say } from "./say.ts";
import { type Told, toldOf } from "./told.ts";

/** A pause this long in typing is worth a word, in milliseconds. */
const QUIET_MS = 300;
/** Who hears more than this at once remembers none of it. */
const TOLD_AT_ONCE = 4;

/** Says what has just changed in the draft to those who do not see it, whoever and whatever changed it. */
export function Announcer({ catalogue }: { catalogue: Catalogue }) {
  const history = useDraft((state) => state.history);
  const told = useRef(history);
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => {
      const said = sentences(told.current, history, catalogue);
      told.current = history;
      if (said !== "") setText(said);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [history, catalogue]);
  return (
    <VisuallyHidden role="status" data-testid="announcer">
      {text}
    </VisuallyHidden>
  );
}

function sentences(before: History, after: History, catalogue: Catalogue): string {
  const all = toldOf(before.present, after.present);
  if (all.length === 0) return "";
  const said = all.slice(0, TOLD_AT_ONCE).map((one) => sentence(one, before.present, after.present, catalogue));
  const rest = all.length - said.length;
  const what = [...said, ...(rest > 0 ? [say("told.more", { count: rest })] : [])].join(" ");
  if (before.past.includes(after.present)) return say("told.undone", { what });
  return before.future.includes(after.present) ? say("told.redone", { what }) : what;
}

function sentence(told: Told, before: Flow, after: Flow, { manifests }: Catalogue): string {
  const name = nodeNames([...before.nodes, ...after.nodes], manifests);
  switch (told.what) {
    case "flow":
      return say("told.flow");
    case "connected":
    case "disconnected":
      return say(`told.${told.what}`, { from: name(told.from), to: name(told.to) });
    case "labelled":
    case "unlabelled":
      return say(`told.${told.what}`, { from: name(told.from), to: name(told.to), label: told.label });
    case "noted":
    case "unnoted":
    case "rewritten":
      return say(`told.${told.what}`, { text: firstLine(told.text) });
    case "grouped":
    case "ungrouped":
    case "retitled":
    case "folded":
    case "unfolded":
      return say(`told.${told.what}`, { title: told.title || sayAction("group.untitled"), count: told.count });
    default:
      return say(`told.${told.what}`, { node: name(told.node) });
  }
}
