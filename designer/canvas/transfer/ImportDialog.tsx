import { Button, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import type { FlowPart } from "#schemas/flowPart.ts";
import { say } from "../../actions/say.ts";
import { Dialog } from "../../elements/Dialog.tsx";
import { Refusal } from "../../elements/Refusal.tsx";
import type { Catalogue } from "../catalogue.ts";
import { wholeOf } from "../clipboard.ts";
import { selectDispatch, selectFlow, useDraft } from "../draft.ts";
import { type PastedText, readPastedText } from "../pastedText.ts";
import { Source, Told, useCreate } from "./ImportParts.tsx";

interface ImportDialogProps {
  /** A flow that was pasted already, or the text of a file that was dropped. */
  flow?: Flow;
  text?: string;
  catalogue: Catalogue;
  onInsert: (part: FlowPart) => void;
  onClose: () => void;
}

type How = "new" | "insert" | "replace";

/** Takes a flow from a file or from text: what is wrong with it at its places, and how it is to be taken. */
export function ImportDialog({ flow: pasted, text: dropped, catalogue, onInsert, onClose }: ImportDialogProps) {
  const { t } = useTranslation();
  const draft = useDraft(selectFlow);
  const dispatch = useDraft(selectDispatch);
  const [text, setText] = useState(dropped ?? "");
  const [how, setHow] = useState<How>("new");
  const read = useMemo<PastedText>(() => (pasted ? { kind: "flow", flow: pasted } : readPastedText(text)), [pasted, text]);
  const flow = read.kind === "flow" ? read.flow : null;
  const [id, setId] = useState<string | null>(null);
  const create = useCreate(onClose);
  const wishedId = id ?? (flow?.id === draft.id ? `${flow.id}-copy` : (flow?.id ?? ""));
  const take = () => {
    if (read.kind === "part") onInsert(read.part);
    if (!flow) return read.kind === "part" ? onClose() : undefined;
    if (how === "new") return create.mutate({ ...flow, id: wishedId });
    const part = how === "insert" ? wholeOf(flow) : null;
    if (part) onInsert(part);
    if (how === "replace") dispatch({ kind: "replace", flow });
    onClose();
  };
  return (
    <Dialog onClose={onClose} title={say("action.importFlow")} size="lg">
      <Stack gap={16} data-testid="import">
        {!pasted && <Source text={text} onText={setText} hint={say("transfer.textHint")} />}
        <Told read={read} manifests={catalogue.manifests} />
        {flow && (
          <Radio.Group label={say("transfer.how")} value={how} onChange={(value) => setHow(value as How)}>
            <Stack gap={8} mt={4}>
              {(["new", "insert", "replace"] as const).map((one) => (
                <Radio
                  key={one}
                  value={one}
                  size="xs"
                  label={say(`transfer.${one}`, { name: draft.name })}
                  description={say(`transfer.${one}Hint`)}
                  data-testid={`import-${one}`}
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
        {flow && how === "new" && (
          <TextInput label={t("flows.createId")} value={wishedId} onChange={(event) => setId(event.currentTarget.value)} />
        )}
        <Refusal error={create.error} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            onClick={take}
            loading={create.isPending}
            disabled={read.kind !== "flow" && read.kind !== "part"}
            data-testid="import-do"
          >
            {say(flow ? `transfer.do${how}` : "transfer.doinsert")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
