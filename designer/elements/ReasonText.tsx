import { useTranslation } from "react-i18next";
import type { Reason } from "#schemas/outcome.ts";
import "../exceptions/texts.ts";

const short = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

interface Fault {
  message?: unknown;
  path?: unknown;
  found?: unknown;
  expected?: unknown;
}

const isFault = (value: unknown): value is Fault => typeof value === "object" && value !== null && "message" in value;

/** The further faults that one check found, closed until they are asked for. */
function Further({ details }: { details: readonly unknown[] }) {
  const { t } = useTranslation();
  return (
    <details className="ol-small" data-testid="further-faults">
      <summary className="ol-dim" style={{ cursor: "pointer", width: "fit-content" }}>
        {t("exceptions.further", { count: details.length })}
      </summary>
      <ul style={{ margin: "4px 0", paddingLeft: 16 }}>
        {details.map((detail) => (
          <li key={short(detail)}>
            {isFault(detail) ? (
              <>
                {String(detail.message)} <Facts {...detail} />
              </>
            ) : (
              <span className="ol-mono">{short(detail)}</span>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Where, what was found and what was expected, as far as they are known. */
function Facts({ path, found, expected }: Fault) {
  const { t } = useTranslation();
  const facts = [
    path !== undefined && path !== "" ? [t("exceptions.at"), short(path)] : null,
    found !== undefined ? [t("exceptions.found"), short(found)] : null,
    expected !== undefined ? [t("exceptions.expected"), short(expected)] : null,
  ].filter((fact) => fact !== null);
  if (facts.length === 0) return null;
  return (
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
  );
}

/** Why something failed: the sentence, the place with what was found and expected, and what to do. */
export function ReasonText({ reason }: { reason: Reason }) {
  const { message, hint, details } = reason;
  return (
    <div style={{ lineHeight: "19px", overflowWrap: "anywhere" }}>
      <div>{message}</div>
      <Facts {...reason} />
      {details && details.length > 0 && <Further details={details} />}
      {hint && <div className="ol-dim ol-small">{hint}</div>}
    </div>
  );
}
