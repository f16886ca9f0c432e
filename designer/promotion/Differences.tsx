import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { DifferenceExample, DifferenceGroup, ReplayDiff } from "#schemas/promotion.ts";
import { address } from "../app/address.ts";
import sides from "../elements/sides.module.css";
import classes from "./promotion.module.css";
import { GroupHead, type NodeNames } from "./Reviewed.tsx";
import "./texts.ts";

/** For how many messages the two versions differ, and at which fields, side by side. */
export function Differences({ diff, names }: { diff: ReplayDiff; names: NodeNames }) {
  const { t } = useTranslation();
  const { messages, same, differing, unknown, unknownAt, groups, omitted, before, environment, ms } = diff;
  if (messages === 0) return <p data-testid="replay-summary">{t("promotion.noMessages")}</p>;
  const places = Object.entries(unknownAt).map(
    ([node, count]) => `${(Object.hasOwn(names, node) && names[node]) || node} (${count})`,
  );
  return (
    <>
      <p data-testid="replay-summary">
        {t(before === null ? "promotion.summaryFirst" : "promotion.summary", {
          count: messages,
          same,
          differing,
          seconds: ms / 1000,
        })}
        {unknown > 0 && ` ${t("promotion.unknown", { count: unknown, places: places.join(", ") })}`}
      </p>
      <ul className={classes.groups} data-testid="replay-groups">
        {groups.map((group) => (
          <Group key={`${group.kind} ${group.node} ${group.field}`} group={group} names={names} environment={environment} />
        ))}
      </ul>
      {omitted > 0 && <p className="ol-dim">{t("promotion.omitted", { count: omitted })}</p>}
    </>
  );
}

function Group({ group, names, environment }: { group: DifferenceGroup; names: NodeNames; environment: string }) {
  const { kind, examples } = group;
  return (
    <li>
      <details className={classes.group}>
        <summary data-testid={`difference-${kind}`}>
          <GroupHead {...group} names={names} />
        </summary>
        {examples.map((example) => (
          <Example key={example.runId} example={example} environment={environment} />
        ))}
      </details>
    </li>
  );
}

const textOf = (value: unknown): string =>
  value === undefined || value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value, null, 2);

function Example({ example, environment }: { example: DifferenceExample; environment: string }) {
  const { t } = useTranslation();
  const { runId, documentKey, before, after, whole } = example;
  return (
    <div className={classes.example}>
      <Link className="ol-small" to={address.run(environment, runId)}>
        {documentKey ?? t("runs.noKey")}
      </Link>
      <Sides before={before} after={after} />
      {whole && (
        <details>
          <summary className="ol-small ol-dim">{t("promotion.whole")}</summary>
          <Sides before={whole.before} after={whole.after} />
        </details>
      )}
    </div>
  );
}

const scrollable = { tabIndex: 0 };

function Sides({ before, after }: { before: unknown; after: unknown }) {
  const { t } = useTranslation();
  return (
    <div className={classes.sides}>
      {(["before", "after"] as const).map((side) => (
        <pre key={side} className={sides.value} data-side={side} title={t(`promotion.side.${side}`)} {...scrollable}>
          {textOf(side === "before" ? before : after)}
        </pre>
      ))}
    </div>
  );
}
