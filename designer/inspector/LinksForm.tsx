import { ActionIcon, Select } from "@mantine/core";
import { ArrowRight, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FlowNode, PortRef } from "#schemas/flow.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectDispatch, selectFlow, useDraft } from "../canvas/draft.ts";
import { edgeId } from "../canvas/ids.ts";
import { nodeNames } from "../canvas/names.ts";
import { openLinks } from "../canvas/validity.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import classes from "./inspector.module.css";

/** Where the node's outputs lead: the way to link nodes without a mouse. */
export function LinksForm({ node, catalogue }: { node: FlowNode; catalogue: Catalogue }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const dispatch = useDraft(selectDispatch);
  const readOnly = useReadOnly();
  const manifest = catalogue.manifests.get(node.type);
  const ports = manifest ? outputPorts(manifest, node) : [];
  const nodes = new Map(flow.nodes.map((one) => [one.id, one]));
  const names = nodeNames(flow.nodes, catalogue.manifests);
  const inputsOf = ({ type }: FlowNode) => catalogue.manifests.get(type)?.inputs ?? [];
  /** With the port where the node has several. */
  const nameOf = ({ node: id, port }: PortRef) => {
    const other = nodes.get(id);
    const name = names(id);
    const inputs = other ? inputsOf(other) : [];
    return inputs.length > 1 ? `${name}: ${inputs.find((input) => input.name === port)?.title ?? port}` : name;
  };
  return (
    <div className={classes.fields}>
      {!flow.edges.some(({ from }) => from.node === node.id) && (
        <p className="ol-dim ol-small" style={{ margin: 0 }}>
          {t("inspector.edgesNone")}
        </p>
      )}
      {ports.map((port) => {
        const leaving = flow.edges.filter(({ from }) => from.node === node.id && from.port === port.name);
        const free = openLinks(flow, { node: node.id, port: port.name }, (other) => inputsOf(other).map(({ name }) => name));
        return (
          <div key={port.name}>
            <ul className={classes.links}>
              {leaving.map((edge) => (
                <li key={edge.id}>
                  <ArrowRight size={14} color="var(--ol-dim)" aria-hidden />
                  <span className="ol-clip" style={{ flex: 1 }}>
                    <span className="ol-dim">{port.title}</span> {nameOf(edge.to)}
                  </span>
                  {!readOnly && (
                    <ActionIcon
                      size="sm"
                      aria-label={t("inspector.removeEdge", { from: port.title, to: nameOf(edge.to) })}
                      onClick={() => dispatch({ kind: "remove", nodes: [], edges: [edge.id] })}
                    >
                      <X size={14} />
                    </ActionIcon>
                  )}
                </li>
              ))}
            </ul>
            {free.length > 0 && !readOnly && (
              <Select
                mt={6}
                aria-label={t("inspector.edgeFrom", { port: port.title })}
                placeholder={t("inspector.edgeFrom", { port: port.title })}
                value={null}
                data={free.map(({ to }) => ({ value: `${to.node} ${to.port}`, label: nameOf(to) }))}
                onChange={(choice) => {
                  const link = free.find(({ to }) => `${to.node} ${to.port}` === choice);
                  if (link) dispatch({ kind: "connect", edge: { id: edgeId(flow, link.from, link.to), ...link } });
                }}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}
