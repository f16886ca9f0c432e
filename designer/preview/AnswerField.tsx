import { Button, Input } from "@mantine/core";
import { Pin, PinOff } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { JsonError, parseJson } from "#schemas/json.ts";
import editor from "../inspector/inspector.module.css";
import classes from "./preview.module.css";
import { chosenOf, type PreviewStore, usePreview } from "./preview.ts";
import { RealAnswer } from "./RealAnswer.tsx";

const JsonEditor = lazy(() => import("../expression/JsonEditor.tsx"));

interface AnswerFieldProps {
  node: string;
  preview: PreviewStore;
  /** What comes into the node; undefined where nothing does. */
  item: unknown;
  /** There is a system that could be asked. */
  real: boolean;
}

/** What a system is taken to answer while nothing is sent: what the sample says, or a result that is pinned here. */
export function AnswerField({ node, preview, item, real }: AnswerFieldProps) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(0);
  const pins = usePreview((state) => state.kept.pins);
  const bySample = usePreview((state) => Object.hasOwn(chosenOf(state)?.sample.answers ?? {}, node));
  const pinned = Object.hasOwn(pins, node);
  const section = useRef<HTMLElement>(null);
  // The button that was pressed goes away with what it did; the one that undoes it has the focus.
  const before = useRef(pinned);
  useEffect(() => {
    if (before.current !== pinned) section.current?.querySelector<HTMLElement>("[data-pins]")?.focus();
    before.current = pinned;
  }, [pinned]);
  const state = pinned ? "answerPinned" : bySample ? "answerSample" : "answerNone";
  return (
    <section ref={section} className={classes.port} data-testid="answer-field">
      <h3>{t("preview.answer")}</h3>
      <p className="ol-dim" style={{ margin: "0 0 8px" }}>
        {t(`preview.${state}`)}
      </p>
      {pinned ? (
        // Another result than the one that was typed here begins anew.
        <PinEditor key={`${node} ${asked}`} initial={pins[node]} onChange={(result) => preview.pin(node, result)} />
      ) : (
        <Button
          variant="default"
          leftSection={<Pin size={14} aria-hidden />}
          onClick={() => preview.pin(node, { id: "1" })}
          mr={8}
          data-pins
          data-testid="pin"
        >
          {t("preview.pin")}
        </Button>
      )}
      {real && item !== undefined && (
        <RealAnswer
          node={node}
          item={item}
          onAnswer={(result) => {
            setAsked(asked + 1);
            preview.pin(node, result);
          }}
        />
      )}
    </section>
  );
}

function PinEditor({ initial, onChange }: { initial: unknown; onChange: (result: unknown) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => JSON.stringify(initial, null, 2));
  const [fault, setFault] = useState<string | null>(null);
  const change = (next: string) => {
    setText(next);
    try {
      onChange(parseJson(next));
      setFault(null);
    } catch (raw) {
      if (!(raw instanceof JsonError)) throw raw;
      setFault(raw.message);
    }
  };
  return (
    <>
      <Input.Wrapper description={t("preview.pinHint")} error={fault} labelElement="div">
        <div className={editor.editor} style={{ margin: "4px 0" }} data-testid="pin-editor">
          <Suspense fallback={<div style={{ height: 140 }} />}>
            <JsonEditor label={t("preview.answer")} value={text} onChange={change} />
          </Suspense>
        </div>
      </Input.Wrapper>
      <Button
        variant="default"
        my={8}
        mr={8}
        leftSection={<PinOff size={14} aria-hidden />}
        onClick={() => onChange(undefined)}
        data-pins
        data-testid="unpin"
      >
        {t("preview.unpin")}
      </Button>
    </>
  );
}
