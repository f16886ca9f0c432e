import { Button } from "@mantine/core";
import { StepForward } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest, Port } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { JsonView } from "../elements/JsonView.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { AnswerField } from "./AnswerField.tsx";
import { ItemsView } from "./ItemsView.tsx";
import { NoData } from "./NoData.tsx";
import { OnSample } from "./OnSample.tsx";
import classes from "./preview.module.css";
import { selectRun, usePreview, usePreviewStore } from "./preview.ts";
import { say } from "./say.ts";

/** The request leaves room for what is answered and what comes out, in pixels. */
const REQUEST_HEIGHT = 240;

interface PortsViewProps {
  node: FlowNode;
  manifest: NodeManifest;
  catalogue: Catalogue;
  side: "inputs" | "outputs";
}

/**
 * What the sample that is shown brings to a node, or what the node gives for it; of an effect in the order in which it
 * happens: what is sent, what is answered, what comes out.
 */
export function PortsView({ node, manifest, catalogue, side }: PortsViewProps) {
  const { t } = useTranslation();
  const run = usePreview(selectRun);
  const preview = usePreviewStore();
  const until = usePreview((state) => state.until);
  const fault = usePreview((state) => state.fault ?? state.groundFault);
  const here = run?.nodes[node.id];
  const ports: readonly Port[] = side === "inputs" ? manifest.inputs : outputPorts(manifest, node);
  const data = Object.entries(here?.[side] ?? {}).filter(([, items]) => items.length > 0);
  const requests = run?.requests[node.id] ?? [];
  const isEffect = manifest.kind === "effect" && side === "outputs";
  const hasPorts = side === "outputs" || manifest.inputs.length > 0;
  return (
    <>
      {hasPorts ? <OnSample /> : <p className="ol-dim">{t("preview.noInput")}</p>}
      {side === "inputs" && preview && hasPorts && (
        <Button
          variant="default"
          mb={12}
          leftSection={<StepForward size={14} aria-hidden />}
          aria-pressed={until === node.id}
          onClick={() => {
            preview.show(true);
            preview.runTo(until === node.id ? undefined : node.id);
          }}
          data-testid="run-to"
        >
          {say(until === node.id ? "until.whole" : "until.here")}
        </Button>
      )}
      {fault && <p className="ol-dim">{t("preview.cannot", { reason: fault })}</p>}
      {here?.reason && (
        <div style={{ marginBottom: 16 }} data-testid="preview-reason">
          <ReasonText reason={here.reason} />
        </div>
      )}
      {isEffect && requests.length > 0 && (
        <section className={classes.port}>
          <h3>{t("preview.request")}</h3>
          <JsonView
            value={requests.length === 1 ? requests[0] : requests}
            label={t("preview.request")}
            maxHeight={REQUEST_HEIGHT}
          />
        </section>
      )}
      {(isEffect || (manifest.type === "sub-flow" && side === "outputs")) && preview && (
        <AnswerField
          node={node.id}
          preview={preview}
          item={Object.values(here?.inputs ?? {})[0]?.[0]}
          real={manifest.connector !== undefined}
        />
      )}
      {!fault && data.length === 0 && hasPorts && <NoData catalogue={catalogue} />}
      {data.map(([port, items]) => {
        const title = ports.find(({ name }) => name === port)?.title ?? port;
        return (
          <section key={port} className={classes.port} data-testid={`preview-port-${port}`}>
            <h3>{title}</h3>
            <ItemsView items={items} label={t("inspector.port", { name: title })} />
          </section>
        );
      })}
    </>
  );
}
