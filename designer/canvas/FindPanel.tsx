import { ActionIcon } from "@mantine/core";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, use, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import { say } from "../actions/say.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Finding, findIn } from "./find.ts";
import { HandContext } from "./hand.ts";
import classes from "./layout.module.css";

interface FindPanelProps {
  flow: Flow;
  catalogue: Catalogue;
  onGo: (finding: Finding) => void;
  onClose: () => void;
}

/** Looks for a text in the flow as it is typed: what holds it stands out, Enter goes from one to the next. */
export function FindPanel({ flow, catalogue, onGo, onClose }: FindPanelProps) {
  const { t } = useTranslation();
  const hand = use(HandContext);
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  const findings = useMemo(() => findIn(flow, catalogue, text), [flow, catalogue, text]);
  useEffect(() => {
    const found = new Set(findings.map(({ at: place }) => place.id));
    hand.setState({ found: text.trim() === "" ? null : found });
  }, [hand, findings, text]);
  useEffect(() => () => hand.setState({ found: null }), [hand]);
  const go = (step: number) => {
    if (findings.length === 0) return;
    const next = at < 0 && step < 0 ? findings.length - 1 : (at + step + findings.length) % findings.length;
    setAt(next);
    const finding = findings[next];
    if (finding) onGo(finding);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    else if (event.key === "ArrowDown") go(1);
    else if (event.key === "ArrowUp") go(-1);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const finding = findings[at];
  const state =
    text.trim() === ""
      ? ""
      : findings.length === 0
        ? say("find.none")
        : at < 0
          ? say("find.count", { count: findings.length })
          : say("find.at", { at: at + 1, count: findings.length });
  return (
    <search className={classes.find} aria-label={say("action.find")} data-testid="find">
      <div className={classes.findRow}>
        <input
          ref={focused}
          aria-label={say("find.text")}
          placeholder={say("find.text")}
          value={text}
          data-keeps-escape
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(-1);
          }}
          onKeyDown={press}
        />
        <span className={classes.findCount} role="status" data-testid="find-count">
          {state}
        </span>
        <ActionIcon size="sm" aria-label={say("find.previous")} disabled={findings.length === 0} onClick={() => go(-1)}>
          <ChevronUp size={14} />
        </ActionIcon>
        <ActionIcon size="sm" aria-label={say("find.next")} disabled={findings.length === 0} onClick={() => go(1)}>
          <ChevronDown size={14} />
        </ActionIcon>
        <ActionIcon size="sm" aria-label={t("common.close")} onClick={onClose}>
          <X size={14} />
        </ActionIcon>
      </div>
      {finding && (
        <p className={classes.findExcerpt} data-testid="find-excerpt">
          <strong>{finding.title}</strong> <span className="ol-dim">{say(`where.${finding.where}`)}</span>
          <br />
          {finding.excerpt}
        </p>
      )}
    </search>
  );
}

const focused = (input: HTMLInputElement | null): void => input?.focus({ preventScroll: true });
