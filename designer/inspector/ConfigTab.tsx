import { Button, Switch, Textarea, TextInput } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { isCurrent, madeWith } from "#schemas/nodeVersion.ts";
import type { Problem } from "#schemas/problem.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectDispatch, selectFlow, useDraft } from "../canvas/draft.ts";
import { useMayDraw } from "../canvas/mayDraw.ts";
import { ReadOnly } from "../elements/ReadOnly.tsx";
import { MappingPlaceContext } from "../mapper/place.ts";
import { ConfigForm } from "./ConfigForm.tsx";
import { fieldsOf, problemsAt } from "./fields.ts";
import classes from "./inspector.module.css";
import { LinksForm } from "./LinksForm.tsx";
import { ProblemTexts } from "./ProblemText.tsx";
import { SlotField } from "./SlotField.tsx";
import { say } from "./say.ts";
import { UpdateNotice } from "./UpdateNotice.tsx";
import { isOlder } from "./useUpdates.ts";

interface ConfigTabProps {
  node: FlowNode;
  /** Undefined where the node type is not installed. */
  manifest: NodeManifest | undefined;
  catalogue: Catalogue;
  /** Pointers begin at the node: `/config/...`. */
  problems: readonly Problem[];
  onClose: () => void;
}

/** What a node does, and where it leads. Each change is an operation on the draft. */
export function ConfigTab({ node, manifest, catalogue, problems, onClose }: ConfigTabProps) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const dispatch = useDraft(selectDispatch);
  const may = useMayDraw();
  const set = (change: { [K in keyof FlowNode]?: FlowNode[K] | undefined }) =>
    dispatch({ kind: "setNode", node: node.id, change });
  return (
    <ReadOnly on={!may}>
      <UpdateNotice node={node} catalogue={catalogue} />
      <section className={classes.section}>
        <div className={classes.fields}>
          <ProblemTexts problems={problems.filter(isOfNode)} />
          <TextInput
            data-place="/name"
            label={t("inspector.name")}
            placeholder={manifest?.title ?? node.type}
            value={node.name ?? ""}
            maxLength={120}
            onChange={(event) => set({ name: event.currentTarget.value || undefined })}
            error={texts(problems, "/name")}
            data-testid="node-name"
          />
          {manifest?.connector && (
            <SlotField
              flow={flow}
              node={node}
              connector={manifest.connector}
              problems={problems}
              onChange={(slot) => set({ slot })}
              onNew={(slot) => dispatch({ kind: "giveSlot", node: node.id, slot })}
            />
          )}
        </div>
      </section>
      {manifest && (
        <section className={classes.section}>
          <h3>{t("inspector.config")}</h3>
          <Config node={node} manifest={manifest} catalogue={catalogue} problems={problems} />
        </section>
      )}
      {manifest && (manifest.outputs.length > 0 || manifest.outputsFrom) && (
        <section className={classes.section}>
          <h3>{t("inspector.edges")}</h3>
          <LinksForm node={node} catalogue={catalogue} />
        </section>
      )}
      <section className={classes.section}>
        <div className={classes.fields}>
          <Textarea
            label={t("inspector.notes")}
            placeholder={t("inspector.notesPlaceholder")}
            value={node.notes ?? ""}
            autosize
            minRows={2}
            maxLength={4000}
            onChange={(event) => set({ notes: event.currentTarget.value || undefined })}
          />
          <Switch
            label={t("inspector.enabled")}
            description={t("inspector.enabledHint")}
            checked={!node.disabled}
            onChange={(event) => set({ disabled: event.currentTarget.checked ? undefined : true })}
          />
          {may && (
            <Button
              variant="default"
              color="red"
              leftSection={<Trash2 size={14} aria-hidden />}
              style={{ alignSelf: "flex-start" }}
              onClick={() => {
                onClose();
                dispatch({ kind: "remove", nodes: [node.id], edges: [] });
              }}
            >
              {t("inspector.delete")}
            </Button>
          )}
        </div>
      </section>
    </ReadOnly>
  );
}

/** What is wrong with the node as a whole; what the notice above says already is left to it. */
const isOfNode = ({ pointer, code }: Problem): boolean =>
  (pointer === "" || pointer === "/type") && code !== "node.olderVersion" && code !== "node.deprecated";

const texts = (problems: readonly Problem[], place: string) => {
  const own = problemsAt(problems, place);
  return own.length > 0 ? <ProblemTexts problems={own} /> : undefined;
};

interface ConfigProps {
  node: FlowNode;
  manifest: NodeManifest;
  catalogue: Catalogue;
  problems: readonly Problem[];
}

function Config({ node, manifest, catalogue, problems }: ConfigProps) {
  const { t } = useTranslation();
  const dispatch = useDraft(selectDispatch);
  const mapping = useMemo(() => (manifest.type === "map" ? { node, catalogue } : null), [manifest, node, catalogue]);
  // A form of this version would write over settings of another.
  if (!isCurrent(manifest, madeWith(node)))
    return <p className="ol-dim">{say(isOlder(node, catalogue) ? "update.first" : "update.newer")}</p>;
  if (fieldsOf(manifest.config).length === 0) return <p className="ol-dim">{t("inspector.noConfig")}</p>;
  return (
    <>
      <ProblemTexts problems={problems.filter(({ pointer }) => pointer === "/config")} />
      <MappingPlaceContext value={mapping}>
        <ConfigForm
          schema={manifest.config}
          value={node.config ?? {}}
          onChange={(change, whole) => dispatch({ kind: "setConfig", node: node.id, change, ...(whole ? { whole } : {}) })}
          problems={problems}
        />
      </MappingPlaceContext>
    </>
  );
}
