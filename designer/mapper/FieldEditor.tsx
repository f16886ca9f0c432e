import { useMemo } from "react";
import { functionNames } from "../expression/functions.ts";
import { ExpressionInputContext, runVariables, useExpressionInput } from "../expression/input.ts";
import type { Range } from "../expression/tree.ts";
import classes from "./FieldBar.module.css";
import { HeldEditor } from "./HeldEditor.tsx";
import { fieldsChangedWith, type Mapping, slice, type Through } from "./mapping.ts";
import { type Model, trailOf } from "./model.ts";
import { pathText } from "./path.ts";
import { landingOf, placesOf } from "./reference.ts";
import { say } from "./say.ts";
import type { TargetField } from "./target.ts";
import type { Mapper } from "./useMapper.ts";

/** The field's own expression. */
export function FieldEditor({ mapper, field, text }: { mapper: Mapper; field: TargetField; text: string }) {
  const input = useExpressionInput();
  const { model } = mapper;
  const ground = useMemo(() => groundOf(model, field), [model, field]);
  const here = useMemo(
    () =>
      input && {
        ...input,
        samples: ground.members ? membersAt(input.samples, ground.members) : ground.known ? input.samples : [],
      },
    [input, ground],
  );
  return (
    <ExpressionInputContext value={here}>
      <HeldEditor
        label={say("bar.editor", { name: pathText(field.path) })}
        text={text}
        variables={ground.variables}
        onWrite={(next) => mapper.write(field, next, true)}
        pending={(typed) => say(typed.trim() === "" ? "bar.pendingEmpty" : "bar.pending")}
        testId="field-editor"
      />
    </ExpressionInputContext>
  );
}

/** What plain names stand for where a field's expression stands, and which variables are at hand. */
function groundOf(model: Model, field: TargetField) {
  const { mapping, origins, target, fields, entries } = model;
  const owner = entries.get(field.key)?.owner;
  const places = owner
    ? placesOf(owner.frames, origins)
    : landingOf(field, trailOf(target, field.path), undefined, mapping, origins, fields).places;
  const plain = places.find(({ via }) => via === "")?.origin;
  return {
    known: plain !== null && plain !== undefined,
    members: plain && plain.length > 0 ? plain : undefined,
    variables: mapping ? variablesOf(mapping) : runVariables,
  };
}

export const variablesOf = ({ tokens }: Mapping): string[] => {
  const names = tokens.flatMap(({ kind, text }) => (kind === "variable" ? [text.slice(1)] : []));
  return [...new Set([...runVariables, ...names])].filter((name) => /^\w+$/.test(name) && !functionNames.has(name));
};

/** All values at a path, of lists each member. */
function membersAt(values: readonly unknown[], path: readonly string[]): unknown[] {
  const [name, ...rest] = path;
  const flat = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  if (name === undefined) return flat;
  const inner = flat.flatMap((value) => (typeof value === "object" && value !== null ? [Reflect.get(value, name)] : []));
  return membersAt(
    inner.filter((value) => value !== undefined && value !== null),
    rest,
  );
}

/** What stands around the object that a field is in: conditions, variables, what is gone through. */
export function ThroughWords({ mapper, field }: { mapper: Mapper; field: TargetField }) {
  const { mapping, entries } = mapper.model;
  const found = entries.get(field.key);
  if (!mapping || !found) return null;
  const { entry, owner } = found;
  const around = entry.made ? entry.made.through : owner.through;
  // What stands before the whole is told above the trees.
  const through = around.filter((one) => one.kind !== "guard" || !mapping.root.through.includes(one));
  if (through.length === 0) return null;
  const words = through.map((one) => throughText(mapping, one));
  const shared = fieldsChangedWith(mapping, field.path).map(pathText);
  return (
    <p className={`${classes.through} ol-dim`}>
      {words.join(" · ")}
      {shared.length > 0 && ` · ${say("bar.shared", { fields: shared.join(", ") })}`}
    </p>
  );
}

function throughText(mapping: Mapping, through: Through): string {
  const plain = (range: Range) => slice(mapping, range).replaceAll(/\s+/g, " ");
  if (through.kind === "condition") return say("through.condition", { text: plain(through.range) });
  if (through.kind !== "guard") return say(`through.${through.kind}`, { text: through.name });
  return say(through.refusesWhen ? "through.refusedWhen" : "through.refusedUnless", { text: plain(through.condition) });
}
