import { Button, FileButton, Group, Input, Select, TextInput } from "@mantine/core";
import { FileUp } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { titleOf } from "../canvas/names.ts";
import JsonEditor from "../expression/JsonEditor.tsx";
import editor from "../inspector/inspector.module.css";
import type { NewSample } from "./newSample.ts";
import { OutcomeSelect } from "./OutcomeSelect.tsx";
import type { FlowsSample } from "./preview.ts";
import { say } from "./say.ts";

export interface NewSampleProps {
  flow: Flow;
  catalogue: Catalogue;
  /** Whether it is kept with the flow, or in this browser alone. */
  draws: boolean;
  /** It is on its way. */
  pending: boolean;
  onAdd: (sample: NewSample) => void;
}

interface PasteSampleProps extends NewSampleProps {
  changed?: FlowsSample | undefined;
  /** By how much a sample is larger than the server takes. */
  largeOf: (sample: NewSample) => { size: number; most: number } | undefined;
}

/** A larger file is not even read; the server says how large a sample may be. */
const MOST_MEGABYTES = 5;

type Read = { ok: true; input: unknown } | { ok: false; reason: string };

function read(text: string): Read {
  try {
    return { ok: true, input: parseJson(text) };
  } catch (raw) {
    if (raw instanceof JsonError) return { ok: false, reason: raw.message };
    throw raw;
  }
}

/** Takes a message, pasted or out of a file, as a sample of a source. */
export function PasteSample({ flow, catalogue, draws, pending, changed, largeOf, onAdd }: PasteSampleProps) {
  const { t } = useTranslation();
  const sources = useMemo(
    () => flow.nodes.filter(({ type }) => catalogue.manifests.get(type)?.kind === "source"),
    [flow.nodes, catalogue],
  );
  const [title, setTitle] = useState(changed?.title ?? "");
  const [source, setSource] = useState(changed?.source ?? sources[0]?.id ?? null);
  const [outcome, setOutcome] = useState(changed?.expect.outcome ?? "SUCCEEDED");
  const [text, setText] = useState(() => (changed ? JSON.stringify(changed.input, null, 2) : ""));
  const [fault, setFault] = useState<string | null>(null);
  const found = read(text);
  const made = found.ok && source !== null ? { title, source, input: found.input, outcome } : undefined;
  const large = made && largeOf(made);
  const upload = async (file: File | null) => {
    if (!file) return;
    if (file.size > MOST_MEGABYTES * 1_000_000) {
      setFault(t("preview.dialogLarge", { size: MOST_MEGABYTES }));
      return;
    }
    setFault(null);
    setText(await file.text());
    if (title === "") setTitle(file.name.replace(/\.json$/i, ""));
  };
  const unread = text.trim() === "" || found.ok ? null : found.reason;
  const bad = large ? say("kept.large", large) : unread;
  return (
    <>
      <p className="ol-dim" style={{ margin: "0 0 12px" }}>
        {sources.length === 0 ? t("preview.dialogNoSource") : say(draws ? "kept.text" : "kept.textBrowser")}
      </p>
      <Group grow align="flex-start" mb={12}>
        <TextInput
          label={t("preview.dialogName")}
          value={title}
          maxLength={160}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-autofocus
          data-testid="sample-title"
        />
        <Select
          label={t("preview.dialogSource")}
          data={sources.map((node) => ({ value: node.id, label: titleOf(node, catalogue.manifests) }))}
          value={source}
          onChange={setSource}
          allowDeselect={false}
        />
        {draws && <OutcomeSelect value={outcome} onChange={setOutcome} />}
      </Group>
      <Input.Wrapper label={t("preview.dialogMessage")} labelElement="div" error={fault ?? bad}>
        <div className={editor.editor} style={{ margin: "4px 0" }} data-testid="sample-message">
          <JsonEditor label={t("preview.dialogMessage")} value={text} onChange={setText} />
        </div>
      </Input.Wrapper>
      <Group justify="space-between" mt={16}>
        <FileButton onChange={(file) => void upload(file)} accept="application/json,.json,text/plain">
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileUp size={14} aria-hidden />}>
              {t("preview.dialogUpload")}
            </Button>
          )}
        </FileButton>
        <Button
          onClick={() => made && onAdd(made)}
          disabled={!made || large !== undefined}
          loading={pending}
          data-testid="sample-add"
        >
          {changed ? say("kept.keep") : t("preview.dialogAdd")}
        </Button>
      </Group>
    </>
  );
}
