import { Button, FileButton, Group, Input, Select, TextInput } from "@mantine/core";
import { FileUp } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { freeId } from "../canvas/ids.ts";
import JsonEditor from "../expression/JsonEditor.tsx";
import editor from "../inspector/inspector.module.css";
import type { PreviewSample } from "./evaluation.ts";

export interface NewSampleProps {
  flow: Flow;
  catalogue: Catalogue;
  taken: readonly PreviewSample[];
  onAdd: (sample: PreviewSample) => void;
  onClose: () => void;
}

/** As much as a browser keeps for all of a site; a message is far smaller. */
const MOST_MEGABYTES = 2;

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
export function PasteSample({ flow, catalogue, taken, onAdd, onClose }: NewSampleProps) {
  const { t } = useTranslation();
  const sources = useMemo(
    () => flow.nodes.filter(({ type }) => catalogue.manifests.get(type)?.kind === "source"),
    [flow.nodes, catalogue],
  );
  const [title, setTitle] = useState("");
  const [source, setSource] = useState(sources[0]?.id ?? null);
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const found = read(text);
  const add = () => {
    if (!found.ok || source === null) return;
    const name = freeId("own", new Set(taken.map((sample) => sample.name)));
    onAdd({ name, title: title.trim() || name, source, input: found.input });
    onClose();
  };
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
  const bad = text.trim() === "" || found.ok ? null : t("preview.dialogBad", { reason: found.reason });
  return (
    <>
      <p className="ol-dim" style={{ margin: "0 0 12px" }}>
        {sources.length === 0 ? t("preview.dialogNoSource") : t("preview.dialogText")}
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
          data={sources.map((node) => ({
            value: node.id,
            label: node.name ?? catalogue.manifests.get(node.type)?.title ?? node.id,
          }))}
          value={source}
          onChange={setSource}
          allowDeselect={false}
        />
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
        <Button onClick={add} disabled={!found.ok || source === null} data-testid="sample-add">
          {t("preview.dialogAdd")}
        </Button>
      </Group>
    </>
  );
}
