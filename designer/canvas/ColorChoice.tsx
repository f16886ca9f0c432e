import type { LayoutColor } from "#schemas/flow.ts";
import { layoutColors } from "#schemas/layoutColors.ts";
import { say } from "../actions/say.ts";
import classes from "./layout.module.css";

/** The colours of notes and groups, each a button that says its name. */
export const ColorChoice = ({ color, onChoose }: { color: LayoutColor; onChoose: (color: LayoutColor) => void }) => (
  <fieldset className={`nodrag ${classes.colors}`} aria-label={say("color.label")}>
    {layoutColors.map((one) => (
      <button
        key={one}
        type="button"
        data-color={one}
        aria-label={say(`color.${one}`)}
        aria-pressed={one === color}
        title={say(`color.${one}`)}
        onClick={() => onChoose(one)}
      />
    ))}
  </fieldset>
);
