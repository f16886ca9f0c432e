import type { Flow, PortRef } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { NodeIcon } from "../canvas/kinds.tsx";
import { titleOf } from "../canvas/names.ts";
import { ChooseList } from "../elements/ChooseList.tsx";
import classes from "./outline.module.css";
import { say } from "./say.ts";
import type { End } from "./targets.ts";

interface EndListProps {
  flow: Flow;
  catalogue: Catalogue;
  /** Those that fit first. */
  ends: readonly End[];
  onChoose: (at: PortRef) => void;
}

/** Where an edge may end: what fits is offered, and of all else it is said why it is not. */
export function EndList({ flow, catalogue: { manifests, connectors }, ends, onChoose }: EndListProps) {
  const nodeOf = ({ at }: End) => flow.nodes.find(({ id }) => id === at.node);
  const nameOf = (end: End) => {
    const node = nodeOf(end);
    const name = node ? titleOf(node, manifests) : end.at.node;
    return end.port ? say("outline.input", { name, port: end.port }) : name;
  };
  const key = ({ at }: End) => `${at.node}.${at.port}`;
  const refused = ends.filter(({ why }) => why !== null);
  return (
    <>
      <ChooseList
        label={say("outline.connectSearch")}
        none={() => say("outline.connectNone")}
        onChoose={(value) => {
          const end = ends.find((one) => key(one) === value);
          if (end) onChoose(end.at);
        }}
        testId="target"
        items={ends
          .filter(({ why }) => why === null)
          .map((end) => {
            const manifest = manifests.get(nodeOf(end)?.type ?? "");
            return {
              value: key(end),
              text: nameOf(end),
              content: (
                <span className={classes.choice}>
                  <NodeIcon manifest={manifest} connector={connectors.get(manifest?.connector ?? "")} size={24} />
                  {nameOf(end)}
                </span>
              ),
            };
          })}
      />
      {refused.length > 0 && (
        <>
          <h3 className={classes.refusedHead}>{say("outline.connectNot")}</h3>
          <ul className={classes.refused} data-testid="connect-refused">
            {refused.map((end) => (
              <li key={key(end)}>
                {nameOf(end)} <span className="ol-dim">{end.why && say(`why.${end.why}`)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
