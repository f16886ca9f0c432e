import { Users } from "lucide-react";
import { nobody, useSession } from "../app/session.ts";
import { Hint } from "../elements/Hint.tsx";
import classes from "./editor.module.css";
import { sayBeside } from "./sayBeside.ts";

/** Who else has saved the flow a moment ago. */
export function Elsewhere({ who }: { who: string }) {
  const { person } = useSession();
  const self = who === (person?.name ?? nobody);
  return (
    <Hint label={self ? sayBeside("elsewhere.selfHint") : sayBeside("elsewhere.otherHint", { who })} width={320}>
      <span className={classes.save} data-kind="elsewhere" data-testid="editing-elsewhere" role="status">
        <Users size={14} aria-hidden />
        <span className="ol-clip" data-save-text>
          {self ? sayBeside("elsewhere.self") : sayBeside("elsewhere.other", { who })}
        </span>
      </span>
    </Hint>
  );
}
