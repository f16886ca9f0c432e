import { Modal, Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow, FlowEdge, FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { edgeId } from "../canvas/ids.ts";
import { NodeIcon } from "../canvas/kinds.tsx";
import { ChooseList } from "../elements/ChooseList.tsx";
import { titleOf } from "./names.ts";
import classes from "./outline.module.css";
import { portsOf, readingOrder } from "./rows.ts";
import { say } from "./say.ts";
import { type Target, targetsOf } from "./targets.ts";

interface ConnectDialogProps {
  flow: Flow;
  node: FlowNode;
  /** The output to begin with. */
  port: string;
  catalogue: Catalogue;
  onConnect: (edge: FlowEdge) => void;
  onClose: () => void;
}

/** Where an output is to lead: what fits is offered, and of all else it is said why it is not. */
export function ConnectDialog({ flow, node, port: first, catalogue, onConnect, onClose }: ConnectDialogProps) {
  const { t } = useTranslation();
  const { manifests, connectors } = catalogue;
  const [port, setPort] = useState(first);
  const ports = portsOf(node, manifests);
  const nodes = useMemo(() => new Map(flow.nodes.map((one) => [one.id, one])), [flow.nodes]);
  const targets = useMemo(
    () =>
      targetsOf(
        flow,
        { node: node.id, port },
        manifests,
        readingOrder(flow, manifests).map(({ id }) => id),
      ),
    [flow, node.id, port, manifests],
  );
  const nameOf = ({ to, port: title }: Target) => {
    const target = nodes.get(to.node);
    const name = target ? titleOf(target, manifests) : to.node;
    return title ? say("outline.input", { name, port: title }) : name;
  };
  const key = ({ to }: Target) => `${to.node}.${to.port}`;
  const choose = (value: string) => {
    const target = targets.find((one) => key(one) === value);
    if (!target) return;
    const from = { node: node.id, port };
    onConnect({ id: edgeId(flow, from, target.to), from, to: target.to });
  };
  const refused = targets.filter(({ why }) => why !== null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={say("outline.connectTitle", { name: titleOf(node, manifests) })}
      closeButtonProps={{ "aria-label": t("common.close") }}
      returnFocus={false}
    >
      {ports.length > 1 && (
        <Select
          label={say("outline.connectPort")}
          data={ports.map(({ name, title }) => ({ value: name, label: title }))}
          value={port}
          onChange={(name) => name !== null && setPort(name)}
          allowDeselect={false}
          mb={12}
          data-testid="connect-port"
        />
      )}
      <ChooseList
        key={port}
        label={say("outline.connectSearch")}
        none={() => say("outline.connectNone")}
        onChoose={choose}
        testId="target"
        items={targets
          .filter(({ why }) => why === null)
          .map((target) => {
            const manifest = manifests.get(nodes.get(target.to.node)?.type ?? "");
            return {
              value: key(target),
              text: nameOf(target),
              content: (
                <span className={classes.choice}>
                  <NodeIcon manifest={manifest} connector={connectors.get(manifest?.connector ?? "")} size={24} />
                  {nameOf(target)}
                </span>
              ),
            };
          })}
      />
      {refused.length > 0 && (
        <>
          <h3 className={classes.refusedHead}>{say("outline.connectNot")}</h3>
          <ul className={classes.refused} data-testid="connect-refused">
            {refused.map((target) => (
              <li key={key(target)}>
                {nameOf(target)} <span className="ol-dim">{target.why && say(`why.${target.why}`)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  );
}
