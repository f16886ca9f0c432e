import { Button } from "@mantine/core";
import { ArrowUpCircle, TriangleAlert } from "lucide-react";
import type { NodeUpdate } from "#nodes/migrate/updates.ts";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { madeWith, newestShape } from "#schemas/nodeVersion.ts";
import { endOf } from "#schemas/validate/lifecycle.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectDispatch, selectFlow, useDraft } from "../canvas/draft.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { Field } from "../versions/ChangeList.tsx";
import { say } from "./say.ts";
import classes from "./update.module.css";
import { isOlder, useUpdates } from "./useUpdates.ts";

interface UpdateNoticeProps {
  node: FlowNode;
  catalogue: Catalogue;
}

/** Of a node made with older settings, or of a deprecated type: what it becomes, and the step that makes it so. */
export function UpdateNotice({ node, catalogue }: UpdateNoticeProps) {
  const manifest = catalogue.manifests.get(node.type);
  if (!manifest) return null;
  if (isOlder(node, catalogue)) return <OlderNotice node={node} catalogue={catalogue} />;
  const to = manifest.lifecycle?.replacedBy;
  if (to === undefined) return <SystemNotice system={catalogue.connectors.get(manifest.connector ?? "")} />;
  const title = say("update.deprecated", { title: catalogue.manifests.get(to)?.title ?? to });
  return <Notice nodes={[node]} shown={node} catalogue={catalogue} deprecated title={title} hint={say("update.otherData")} />;
}

/** Of a node whose connector is deprecated, or speaks to an API that ends: nothing that a press could mend. */
function SystemNotice({ system }: { system: ConnectorSummary | undefined }) {
  if (!system) return null;
  const { title, lifecycle } = system;
  const end = endOf(lifecycle, new Date());
  if (!end && lifecycle.state !== "deprecated") return null;
  return (
    <section className={classes.notice} aria-label={title} data-testid="node-system-old">
      <h3>
        <TriangleAlert size={16} aria-hidden />
        {say("update.system", { title, age: say(`age.${!end ? "deprecated" : end.ended ? "ended" : "ends"}`) })}
      </h3>
      <p>{say(lifecycle.sunset ? "update.systemUntil" : "update.systemNewer", { day: lifecycle.sunset ?? "" })}</p>
    </section>
  );
}

function OlderNotice({ node, catalogue }: UpdateNoticeProps) {
  const flow = useDraft(selectFlow);
  const manifest = catalogue.manifests.get(node.type);
  const older = flow.nodes.filter((one) => isOlder(one, catalogue));
  const title = say("update.older", { made: madeWith(node), newest: (manifest && newestShape(manifest)) ?? 1 });
  return <Notice nodes={older} shown={node} catalogue={catalogue} deprecated={false} title={title} hint={say("update.same")} />;
}

/** The versions stand in the title. */
const isNews = ({ pointer }: { pointer: string }): boolean => pointer !== "/version";

interface NoticeProps {
  /** All that the same press could bring along. */
  nodes: readonly FlowNode[];
  shown: FlowNode;
  catalogue: Catalogue;
  deprecated: boolean;
  title: string;
  hint: string;
}

function Notice({ nodes, shown, catalogue, deprecated, title, hint }: NoticeProps) {
  const dispatch = useDraft(selectDispatch);
  const readOnly = useReadOnly();
  const { data, error } = useUpdates(nodes, catalogue, deprecated);
  const updates = (data ?? []).flatMap((one) => (one.ok ? [one.update] : []));
  const own = updates.find(({ node }) => node === shown.id);
  const failure = data?.find((one) => !one.ok && one.node === shown.id);
  const told = own && own.notes.length > 0 ? own.notes.join(" ") : hint;
  const update = (which: readonly NodeUpdate[]) => dispatch({ kind: "update", nodes: which.map(({ after }) => after) });
  return (
    <section className={classes.notice} aria-label={title} data-testid="node-update">
      <h3>
        <ArrowUpCircle size={16} aria-hidden />
        {title}
      </h3>
      <p>{failure && !failure.ok ? failure.message : (error?.message ?? told)}</p>
      {own?.changes.filter(isNews).map((change) => (
        <Field key={change.pointer} {...change} />
      ))}
      {own && !readOnly && (
        <div className={classes.actions}>
          <Button size="xs" onClick={() => update([own])} data-testid="update-node">
            {say("update.one")}
          </Button>
          {updates.length > 1 && (
            <Button size="xs" variant="default" onClick={() => update(updates)} data-testid="update-all">
              {say("update.all", { count: updates.length })}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
