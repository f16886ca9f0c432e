import { Stack, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../canvas/catalogue.ts";
import { freeId } from "../canvas/ids.ts";
import { readPastedText } from "../canvas/pastedText.ts";
import { Source, Told, useCreate } from "../canvas/transfer/ImportParts.tsx";
import { FormDialog } from "../elements/FormDialog.tsx";
import { say } from "./say.ts";
import { isFlowId } from "./search.ts";

interface ImportFlowProps {
  /** The text of a file that was dropped, or that was pasted. */
  text: string;
  /** The ids of the flows there are. */
  taken: ReadonlySet<string>;
  onClose: () => void;
}

/** Takes a flow into the list: from a file or from text, under its own id or, where that is taken, under another. */
export default function ImportFlow({ text: given, taken, onClose }: ImportFlowProps) {
  const { t } = useTranslation();
  const catalogue = useCatalogue();
  const [text, setText] = useState(given);
  const [ownId, setOwnId] = useState<string | null>(null);
  const read = useMemo(() => readPastedText(text), [text]);
  const create = useCreate(onClose);
  const flow = read.kind === "flow" ? read.flow : undefined;
  const clash = flow !== undefined && taken.has(flow.id);
  const id = ownId ?? (flow === undefined ? "" : clash ? freeId(`${flow.id}-copy`.slice(0, LONGEST_BASE), taken) : flow.id);
  const fault = id === "" || isFlowId(id) ? (taken.has(id) ? say("import.taken", { id }) : undefined) : t("flows.createIdBad");
  return (
    <FormDialog
      title={say("import.title")}
      size="lg"
      onClose={onClose}
      action={{ isPending: create.isPending, mutate: () => flow && create.mutate({ ...flow, id }) }}
      error={create.error}
      submit={say("import.do")}
      disabled={!flow || id === "" || fault !== undefined}
      testId="import-do"
    >
      <Stack gap={16} data-testid="import">
        <Source text={text} onText={setText} hint={say("import.hint")} />
        {read.kind === "part" ? (
          <p role="alert">{say("import.part")}</p>
        ) : (
          <Told read={read} manifests={catalogue.data?.manifests} />
        )}
        {flow && (
          <TextInput
            label={t("flows.createId")}
            description={clash ? say("import.clash", { id: flow.id }) : undefined}
            value={id}
            onChange={(event) => setOwnId(event.currentTarget.value)}
            error={fault}
            required
            data-testid="import-id"
          />
        )}
      </Stack>
    </FormDialog>
  );
}

/** With a number behind it, an id has at most 64 characters. */
const LONGEST_BASE = 58;
