import { SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import type { Flow, FlowEdge, FlowNode, PortRef } from "#schemas/flow.ts";
import { say as sayAction } from "../actions/say.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { edgeId } from "../canvas/ids.ts";
import { nodeNames, titleOf } from "../canvas/names.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { EndList } from "./EndList.tsx";
import classes from "./outline.module.css";
import { portsOf, readingOrder } from "./rows.ts";
import { say } from "./say.ts";
import { originsOf, targetsOf } from "./targets.ts";

interface DialogProps {
  flow: Flow;
  catalogue: Catalogue;
  onConnect: (edge: FlowEdge) => void;
  onClose: () => void;
}

const orderOf = (flow: Flow, { manifests }: Catalogue) => readingOrder(flow, manifests).map(({ id }) => id);

/** Where an output is to lead. */
export function ConnectDialog({ node, port: first, ...props }: DialogProps & { node: FlowNode; port: string }) {
  const { flow, catalogue, onConnect, onClose } = props;
  const { manifests } = catalogue;
  const [port, setPort] = useState(first);
  const ports = portsOf(node, manifests);
  const from = { node: node.id, port };
  return (
    <Dialog onClose={onClose} title={say("outline.connectTitle", { name: titleOf(node, manifests) })} returnFocus={false}>
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
      <EndList
        key={port}
        flow={flow}
        catalogue={catalogue}
        ends={targetsOf(flow, from, manifests, orderOf(flow, catalogue))}
        onChoose={(to) => onConnect({ id: edgeId(flow, from, to), from, to })}
      />
    </Dialog>
  );
}

const ends = ["to", "from"] as const;

/** Another end for an edge that stands: where it leads, or where it comes from. */
export function ReconnectDialog({ edge, ...props }: DialogProps & { edge: FlowEdge }) {
  const { flow, catalogue, onConnect, onClose } = props;
  const { manifests } = catalogue;
  const [end, setEnd] = useState<(typeof ends)[number]>("to");
  const name = nodeNames(flow.nodes, manifests);
  const order = orderOf(flow, catalogue);
  const list =
    end === "to" ? targetsOf(flow, edge.from, manifests, order, edge.id) : originsOf(flow, edge.to, manifests, order, edge.id);
  const stays = (at: PortRef) => at.node === edge[end].node && at.port === edge[end].port;
  return (
    <Dialog onClose={onClose} title={sayAction("action.reconnect")} returnFocus={false}>
      <p className={`ol-dim ${classes.now}`}>
        {say("outline.reconnectNow", { from: name(edge.from.node), to: name(edge.to.node) })}
      </p>
      <SegmentedControl
        fullWidth
        mb={12}
        aria-label={say("outline.reconnectEnd")}
        value={end}
        onChange={(value) => setEnd(value === "from" ? "from" : "to")}
        data={ends.map((one) => ({ value: one, label: say(`reconnect.${one}`) }))}
        data-testid="reconnect-end"
      />
      <EndList
        key={end}
        flow={flow}
        catalogue={catalogue}
        ends={list.filter(({ at }) => !stays(at))}
        onChoose={(at) => onConnect({ ...edge, [end]: at })}
      />
    </Dialog>
  );
}
