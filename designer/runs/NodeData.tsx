import { Tabs } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { RunDetail } from "#schemas/api.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Trace } from "#schemas/run.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { InspectorHead } from "../inspector/InspectorHead.tsx";
import tabs from "../inspector/inspector.module.css";
import { Attempts } from "./Attempts.tsx";
import { PortData } from "./PortData.tsx";
import classes from "./runs.module.css";

interface NodeDataProps {
  id: string;
  detail: RunDetail;
  trace: Pick<UseQueryResult<Trace>, "data" | "error" | "refetch">;
  catalogue: Catalogue;
  onClose: () => void;
}

const names = ["input", "output", "attempts"] as const;

/** What one node took, gave and tried in a run. */
export function NodeData({ id, detail, trace, catalogue, onClose }: NodeDataProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const node = detail.flow.nodes.find((one) => one.id === id);
  if (!node) return <p style={{ padding: 16 }}>{t("run.unknownNode")}</p>;
  const manifest = catalogue.manifests.get(node.type);
  const source = manifest?.kind === "source";
  // What pointed at the document that the source fetched.
  const pointer = { name: "pointer", title: t("run.pointer") };
  const shown = names.find((name) => name === search.get("tab")) ?? (source ? "output" : "input");
  const show = (tab: string | null) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (tab) next.set("tab", tab);
        return next;
      },
      { replace: true },
    );
  return (
    <>
      <InspectorHead node={node} catalogue={catalogue} onClose={onClose} />
      <Tabs value={shown} onChange={show} className={tabs.tabs ?? ""}>
        <Tabs.List>
          {names.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`inspector.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Loaded query={trace} skeleton={<RowsSkeleton rows={6} />}>
          {({ nodes }) => {
            const here = nodes[id];
            const empty = t(
              here?.status === "notReached"
                ? "inspector.notReached"
                : here?.status === "waiting"
                  ? detail.run.held
                    ? "inspector.held"
                    : "inspector.waiting"
                  : "inspector.noData",
            );
            return (
              <>
                <Tabs.Panel value="input">
                  <Why here={here} />
                  <PortData
                    node={id}
                    ports={source && manifest.effect ? [pointer] : (manifest?.inputs ?? [])}
                    data={here?.inputs ?? {}}
                    empty={empty}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="output">
                  <Why here={here} />
                  <PortData
                    node={id}
                    ports={manifest ? outputPorts(manifest, node) : []}
                    data={here?.outputs ?? {}}
                    empty={empty}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="attempts">
                  <Attempts node={id} detail={detail} catalogue={catalogue} />
                </Tabs.Panel>
              </>
            );
          }}
        </Loaded>
      </Tabs>
    </>
  );
}

function Why({ here }: { here: Trace["nodes"][string] | undefined }) {
  const { t } = useTranslation();
  if (!here?.reason) return null;
  return (
    <div className={classes.reason} style={{ marginBottom: 16 }}>
      {here.class && (
        <div style={{ marginBottom: 4 }}>
          <Label tone="failed">{t(`outcome.${here.class}`)}</Label>
        </div>
      )}
      <ReasonText reason={here.reason} />
    </div>
  );
}
