import { useTranslation } from "react-i18next";
import type { FileChange, ImportedFlow, ImportReport, ToBind } from "#schemas/bundle.ts";
import { useEnvironments } from "../app/address.ts";
import { Label } from "../elements/Label.tsx";
import classes from "./bundles.module.css";

/** What an import would change, what is in its way, and what has to be done after it. */
import { say } from "./say.ts";
export function ImportFindings({ report: { flows, refusals, notices, bind } }: { report: ImportReport }) {
  const bindText = useBindText();
  return (
    <div className={classes.findings} data-testid="import-findings">
      <ul className={classes.flows}>
        {flows.map((flow) => (
          <Flow key={flow.flow} imported={flow} />
        ))}
      </ul>
      <Sentences title={say("files.inTheWay")} sentences={refusals} tone="failed" />
      <Sentences title={say("files.notices")} sentences={notices} />
      <Sentences title={say("files.bind")} sentences={bind.map(bindText)} />
    </div>
  );
}

function useBindText(): (bind: ToBind) => string {
  const environments = useEnvironments();
  return ({ environment, choices, flow, slot, connector }) => {
    const title = environments.find(({ id }) => id === environment)?.title ?? environment;
    return choices.length === 0
      ? say("files.bindNone", { flow, slot, connector, environment: title })
      : say("files.bindChoice", { flow, slot, environment: title, choices: choices.join(", ") });
  };
}

function Flow({ imported: { flow, name, draft, version, samples, changes } }: { imported: ImportedFlow }) {
  const tried = samples.passed + samples.failed.length;
  return (
    <li data-testid={`import-${flow}`}>
      <div className={classes.head}>
        <strong>{name}</strong>
        <Label tone={draft === "ahead" ? "failed" : undefined}>{say(`draft.${draft}`)}</Label>
        {version && (
          <span className="ol-dim">
            {version.number === null
              ? say("files.newVersion", { hash: version.hash.slice(0, 8) })
              : say("files.version", { number: version.number })}
          </span>
        )}
        {tried > 0 && <span className="ol-dim">{say("files.samples", { passed: samples.passed, count: tried })}</span>}
      </div>
      {changes.length > 0 && (
        <details>
          <summary className="ol-small">
            {say("files.changes")} ({changes.length})
          </summary>
          <ul className={classes.changes}>
            {changes.map((change) => (
              <ChangeLine key={`${change.kind} ${change.name}`} change={change} />
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function ChangeLine({ change: { kind, name, change, fields } }: { change: FileChange }) {
  const { t } = useTranslation();
  return (
    <li className="ol-small">
      <span className="ol-dim">{kind}</span> {name} <Label>{t(`publish.change.${change}`)}</Label>{" "}
      <span className="ol-mono">{fields.join(", ")}</span>
    </li>
  );
}

function Sentences({ title, sentences, tone }: { title: string; sentences: string[]; tone?: "failed" }) {
  if (sentences.length === 0) return null;
  return (
    <section data-tone={tone}>
      <h3>{title}</h3>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}
