import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest, Port } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import { nodePageQuery } from "../api/queries.ts";
import { Loaded } from "../elements/Loaded.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import classes from "./inspector.module.css";
import { OperationLimits } from "./OperationLimits.tsx";
import { say } from "./say.ts";

const Markdown = lazy(() => import("../elements/Markdown.tsx"));

interface DocsTabProps {
  node: FlowNode;
  manifest: NodeManifest;
  /** The connector that it belongs to. */
  system: ConnectorSummary | undefined;
}

/** What is known of a node's type: its ports, how it repeats, what its system allows, and the page written of it. */
export function DocsTab({ node, manifest, system }: DocsTabProps) {
  const { t } = useTranslation();
  const { effect, summary, connector, operation, inputs, type, version } = manifest;
  const page = useQuery(nodePageQuery(type));
  return (
    <>
      <p style={{ margin: "0 0 12px" }}>{summary}</p>
      <dl className={classes.facts} style={{ marginBottom: 8 }}>
        <Fact name={say("docs.type")} value={`${type} ${version}`} />
        <Ages manifest={manifest} system={system} />
        {effect && <Fact name={say("docs.repeats")} value={t(`inspector.effect.${effect.read ? "read" : effect.idempotency}`)} />}
        <Ports name={say("docs.inputs")} ports={inputs} />
        <Ports name={say("docs.outputs")} ports={outputPorts(manifest, node)} />
      </dl>
      {connector && operation && <OperationLimits connector={connector} operation={operation} />}
      <section className={classes.section} style={{ marginTop: 16 }} data-testid="node-page">
        <Loaded query={page} skeleton={<RowsSkeleton rows={5} />}>
          {({ markdown }) =>
            markdown === null ? (
              <p className="ol-dim">{say("docs.noPage")}</p>
            ) : (
              <Suspense fallback={<RowsSkeleton rows={5} />}>
                <Markdown text={markdown} />
              </Suspense>
            )
          }
        </Loaded>
      </section>
    </>
  );
}

/** The API that it speaks, until when that is answered, and what stands in its place. */
function Ages({ manifest: { lifecycle = {} }, system }: { manifest: NodeManifest; system: ConnectorSummary | undefined }) {
  const { apiVersion, sunset, state } = { ...system?.lifecycle, ...lifecycle };
  const { replacedBy } = lifecycle;
  return (
    <>
      {apiVersion && <Fact name={say("docs.apiVersion")} value={apiVersion} />}
      {sunset && <Fact name={say("docs.sunset")} value={sunset} />}
      {replacedBy && <Fact name={say("docs.replacedBy")} value={replacedBy} />}
      {state === "deprecated" && !replacedBy && <Fact name={say("docs.state")} value={say("age.deprecated")} />}
    </>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function Ports({ name, ports }: { name: string; ports: readonly Port[] }) {
  if (ports.length === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {ports.map((port) => (
          <div key={port.name}>
            <strong style={{ fontWeight: 500 }}>{port.title}</strong>{" "}
            {port.schema && <code className="ol-mono">{port.schema}</code>} <span className="ol-dim">{port.description}</span>
          </div>
        ))}
      </dd>
    </div>
  );
}
