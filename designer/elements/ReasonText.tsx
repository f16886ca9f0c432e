import { useTranslation } from "react-i18next";
import type { Reason } from "#schemas/outcome.ts";

const short = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Why something failed: the sentence, the place with what was found and expected, and what to do. */
export function ReasonText({ reason }: { reason: Reason }) {
  const { t } = useTranslation();
  const { message, hint, path, found, expected, details } = reason;
  const facts = [
    path !== undefined && path !== "" ? [t("exceptions.at"), path] : null,
    found !== undefined ? [t("exceptions.found"), short(found)] : null,
    expected !== undefined ? [t("exceptions.expected"), short(expected)] : null,
  ].filter((fact) => fact !== null);
  return (
    <div style={{ lineHeight: "19px", overflowWrap: "anywhere" }}>
      <div>{message}</div>
      {facts.length > 0 && (
        <dl style={{ display: "flex", flexWrap: "wrap", gap: "0 16px", margin: "2px 0 0" }}>
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: "flex", gap: 6 }}>
              <dt className="ol-dim ol-small">{name}</dt>
              <dd className="ol-mono" style={{ margin: 0 }}>
                {value}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {details && details.length > 1 && (
        <div className="ol-dim ol-small">{t("exceptions.moreOfKind", { count: details.length - 1 })}</div>
      )}
      {hint && <div className="ol-dim ol-small">{hint}</div>}
    </div>
  );
}
