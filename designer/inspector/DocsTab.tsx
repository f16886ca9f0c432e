import { useTranslation } from "react-i18next";
import type { NodeManifest } from "#schemas/manifest.ts";
import { OperationLimits } from "./OperationLimits.tsx";

/** What is known of a node type. */
export function DocsTab({ manifest }: { manifest: NodeManifest }) {
  const { t } = useTranslation();
  const { effect, summary, connector, operation } = manifest;
  return (
    <>
      <p style={{ marginTop: 0 }}>{summary}</p>
      {effect && <p className="ol-dim">{t(`inspector.effect.${effect.read ? "read" : effect.idempotency}`)}</p>}
      {connector && operation && <OperationLimits connector={connector} operation={operation} />}
    </>
  );
}
