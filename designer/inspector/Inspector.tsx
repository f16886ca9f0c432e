import { Tabs } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectFlow, useDraft } from "../canvas/draft.ts";
import { inWords } from "../canvas/problemWords.ts";
import { ExpressionInputContext } from "../expression/input.ts";
import { PortsView } from "../preview/PortsView.tsx";
import { usePreviewStore } from "../preview/preview.ts";
import { useExpressionGround } from "../preview/useExpressionGround.ts";
import { ConfigTab } from "./ConfigTab.tsx";
import { DocsTab } from "./DocsTab.tsx";
import { problemsOf } from "./fields.ts";
import { InspectorHead } from "./InspectorHead.tsx";
import classes from "./inspector.module.css";
import { LimitsTab } from "./LimitsTab.tsx";
import { ProblemsTab } from "./ProblemsTab.tsx";
import { say } from "./say.ts";
import { focusPlace, type TabName, tabNames, tabOf, useTab } from "./tabs.ts";

interface InspectorProps {
  node: FlowNode;
  catalogue: Catalogue;
  width: number;
  /** Whether the keyboard goes on in here. */
  takesFocus: boolean;
  onClose: () => void;
}

/** Where one goes on in an open panel. */
const firstField = '[role="tabpanel"] :is(input, textarea, select, button, [tabindex="0"]):not(:disabled)';

/** The panel beside the canvas: a node's settings, what the sample brings to it and makes of it, and what is known of it. */
export function Inspector({ node, catalogue, width, takesFocus, onClose }: InspectorProps) {
  const { t } = useTranslation();
  const [tab, show] = useTab();
  const [wanted, setWanted] = useState<string | null>(null);
  const panel = useRef<HTMLElement>(null);
  const manifest = catalogue.manifests.get(node.type);
  const ground = useExpressionGround(node);
  const preview = usePreviewStore();
  const flow = useDraft(selectFlow);
  const all = useDraft((state) => state.problems);
  const problems = useMemo(() => problemsOf(flow, node.id, inWords(all, flow, catalogue)), [flow, node.id, all, catalogue]);
  useEffect(() => preview?.want(), [preview]);
  useEffect(() => {
    if (takesFocus) panel.current?.querySelector<HTMLElement>(firstField)?.focus();
  }, [takesFocus]);
  useEffect(() => {
    if (wanted === null || !panel.current || tab !== tabOf(wanted)) return;
    focusPlace(panel.current, wanted);
    setWanted(null);
  }, [wanted, tab]);
  const common = { node, manifest, catalogue, problems };
  return (
    <aside ref={panel} className={classes.panel} style={{ width }} aria-label={t("inspector.label")} data-testid="inspector">
      <InspectorHead node={node} catalogue={catalogue} onClose={onClose} />
      <Tabs value={tab} onChange={show} className={classes.tabs ?? ""} keepMounted={false}>
        <Tabs.List className={classes.tabList ?? ""}>
          {tabNames.map((name) => (
            <TabHead key={name} name={name} problems={problems} />
          ))}
        </Tabs.List>
        <Tabs.Panel value="config">
          <ExpressionInputContext value={ground}>
            <ConfigTab {...common} onClose={onClose} />
          </ExpressionInputContext>
        </Tabs.Panel>
        <Tabs.Panel value="input">
          {manifest && <PortsView node={node} manifest={manifest} catalogue={catalogue} side="inputs" />}
        </Tabs.Panel>
        <Tabs.Panel value="output">
          {manifest && <PortsView node={node} manifest={manifest} catalogue={catalogue} side="outputs" />}
        </Tabs.Panel>
        <Tabs.Panel value="limits">{manifest && <LimitsTab node={node} manifest={manifest} problems={problems} />}</Tabs.Panel>
        <Tabs.Panel value="docs" tabIndex={0}>
          {manifest && <DocsTab node={node} manifest={manifest} system={catalogue.connectors.get(manifest.connector ?? "")} />}
        </Tabs.Panel>
        <Tabs.Panel value="problems">
          <ProblemsTab
            problems={problems}
            onGo={(pointer) => {
              show(tabOf(pointer));
              setWanted(pointer);
            }}
          />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function TabHead({ name, problems }: { name: TabName; problems: readonly Problem[] }) {
  const count = name === "problems" ? problems.length : 0;
  const worst = problems.some(({ severity }) => severity === "error") ? "error" : "warning";
  return (
    <Tabs.Tab value={name} data-testid={`tab-${name}`} {...(name === "limits" ? { "aria-label": say("tab.limits") } : {})}>
      {name === "limits" ? <LimitsLabel /> : say(`tab.${name}`)}{" "}
      {count > 0 && (
        <span className={classes.tabCount} data-severity={worst}>
          {count}
        </span>
      )}
    </Tabs.Tab>
  );
}

/** The longest label is short where the panel has no room for it. */
const LimitsLabel = () => (
  <>
    <span className={classes.tabWhole}>{say("tab.limits")}</span>
    <span className={classes.tabShort} title={say("tab.limits")}>
      {say("tab.limitsShort")}
    </span>
  </>
);
