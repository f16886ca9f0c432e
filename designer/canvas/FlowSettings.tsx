import { Input, SegmentedControl, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMaySomewhere } from "../app/session.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { ReadOnly } from "../elements/ReadOnly.tsx";
import { besideEditor, problemsAt } from "../inspector/fields.ts";
import inspector from "../inspector/inspector.module.css";
import { ProblemTexts } from "../inspector/ProblemText.tsx";
import { selectDispatch, selectFlow, useDraft } from "./draft.ts";
import type { FlowChange } from "./operations.ts";

const ExpressionEditor = lazy(() => import("../expression/ExpressionEditor.tsx"));

/** What the flow as a whole is set to. Like on the canvas, each change is an operation on the draft and saves itself. */
export function FlowSettings({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const problems = useDraft((state) => state.problems);
  const dispatch = useDraft(selectDispatch);
  const may = useMaySomewhere("design");
  const [name, setName] = useState(flow.name);
  const set = (change: FlowChange) => dispatch({ kind: "setFlow", change });
  const texts = (place: string) => {
    const own = besideEditor(problemsAt(problems, place));
    return own.length > 0 ? <ProblemTexts problems={own} /> : undefined;
  };
  return (
    <Dialog onClose={onClose} title={t("settings.title")} size="md">
      <ReadOnly on={!may}>
        <Stack gap={16} data-testid="flow-settings">
          <TextInput
            label={t("settings.name")}
            value={name}
            maxLength={120}
            required
            onChange={(event) => {
              const next = event.currentTarget.value;
              setName(next);
              // A flow without a name could not be saved; the last one stays until there is another.
              if (next.trim() !== "") set({ name: next });
            }}
            error={name.trim() === "" ? t("settings.nameNeeded") : texts("/name")}
            data-autofocus
            data-testid="flow-name"
          />
          <Textarea
            label={t("settings.description")}
            value={flow.description ?? ""}
            maxLength={4000}
            autosize
            minRows={2}
            maxRows={8}
            onChange={(event) => set({ description: event.currentTarget.value || undefined })}
            error={texts("/description")}
          />
          <TextInput
            label={t("settings.owner")}
            description={t("settings.ownerHint")}
            value={flow.owner ?? ""}
            maxLength={120}
            onChange={(event) => set({ owner: event.currentTarget.value || undefined })}
            error={texts("/owner")}
            data-testid="flow-owner"
          />
          <TagsInput
            label={t("settings.tags")}
            value={flow.tags ?? []}
            maxTags={50}
            onChange={(tags) => set({ tags: tags.length > 0 ? tags.map((tag) => tag.slice(0, longestTag)) : undefined })}
            error={texts("/tags")}
          />
          <Input.Wrapper
            label={t("settings.ordering")}
            description={t(flow.ordering === "none" ? "settings.orderingNoneHint" : "settings.orderingDocumentHint")}
            inputWrapperOrder={["label", "input", "description"]}
            labelElement="div"
          >
            <SegmentedControl
              fullWidth
              size="xs"
              mt={4}
              mb={4}
              aria-label={t("settings.ordering")}
              value={flow.ordering ?? "document"}
              onChange={(next) => set({ ordering: next === "none" ? "none" : undefined })}
              data={[
                { value: "document", label: t("settings.orderingDocument") },
                { value: "none", label: t("settings.orderingNone") },
              ]}
              data-testid="flow-ordering"
            />
          </Input.Wrapper>
          <Input.Wrapper label={t("settings.priority")} description={t("settings.priorityHint")} labelElement="div">
            <div
              className={inspector.editor}
              data-error={problemsAt(problems, "/priority").length > 0 || undefined}
              style={{ marginTop: 4 }}
            >
              <Suspense fallback={<div style={{ height: 34 }} />}>
                <ExpressionEditor
                  small
                  label={t("settings.priority")}
                  value={flow.priority ?? ""}
                  onChange={(text) => set({ priority: text || undefined })}
                />
              </Suspense>
            </div>
            <div style={{ marginTop: 4 }}>{texts("/priority")}</div>
          </Input.Wrapper>
        </Stack>
      </ReadOnly>
    </Dialog>
  );
}

/** As the flow's schema allows. */
const longestTag = 40;
