import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { diffLocks } from "#nodes/lockDiff.ts";
import type { Lock } from "#nodes/plan.ts";
import type { VersionDetail } from "#schemas/api.ts";
import { diffFlows } from "#schemas/diff.ts";
import { versionQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { Failure } from "../elements/Failure.tsx";
import { ChangeList } from "../versions/ChangeList.tsx";
import classes from "./promotion.module.css";
import "./texts.ts";

interface VersionChangesProps {
  flow: string;
  /** What runs; null where nothing does. */
  base: number | null;
  version: number;
  heading: "h2" | "h3";
}

/** Every field in which a version differs from the one that it is to replace. */
export function VersionChanges({ flow, base, version, heading: Heading }: VersionChangesProps) {
  const { t } = useTranslation();
  return (
    <section className={classes.section} data-testid="promotion-changes">
      <Heading>{t("promotion.changes")}</Heading>
      {base === null || base === version ? (
        <p>{t(base === null ? "promotion.allNew" : "promotion.rebindsOnly")}</p>
      ) : (
        <Since flow={flow} base={base} version={version} />
      )}
    </section>
  );
}

function Since({ flow, base, version }: { flow: string; base: number; version: number }) {
  const { t } = useTranslation();
  const { id } = useEnvironment();
  const before = useQuery(versionQuery(flow, base));
  const after = useQuery(versionQuery(flow, version));
  const error = before.error ?? after.error;
  if (error) return <Failure error={error} onRetry={() => void Promise.all([before.refetch(), after.refetch()])} />;
  if (!before.data || !after.data) return <Skeleton height={120} />;
  return (
    <>
      <Changes before={before.data} after={after.data} />
      <p>
        <Link to={`${address.versions(id, flow)}?from=${base}&to=${version}`} data-testid="promotion-compare">
          {t("promotion.compare", { from: base, to: version })}
        </Link>
      </p>
    </>
  );
}

function Changes({ before, after }: { before: VersionDetail; after: VersionDetail }) {
  const { t } = useTranslation();
  const diff = useMemo(() => diffFlows(before.flow, after.flow), [before, after]);
  const locks = useMemo(() => diffLocks(before.lock as Lock, after.lock as Lock), [before, after]);
  if ((diff.identical || diff.layoutOnly) && locks.length === 0)
    return <p>{t(diff.layoutOnly ? "versions.layoutOnly" : "versions.same")}</p>;
  return (
    <div className={classes.changes}>
      <ChangeList diff={diff} locks={locks} before={before.flow} after={after.flow} />
    </div>
  );
}
