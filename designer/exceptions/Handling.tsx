import { Autocomplete, TagsInput, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import type { Annotation } from "../api/commands.ts";
import { deadLetterCountsQuery } from "../api/queries.ts";
import { useMay } from "../app/session.ts";
import { ReadOnly } from "../elements/ReadOnly.tsx";
import runs from "../runs/runs.module.css";
import "./texts.ts";

interface HandlingProps {
  letter: DeadLetter;
  onChange: (change: Annotation) => void;
}

/** Who has a dead letter in hand, its tags and its note; each is saved when it is left. */
export function Handling({ letter, onChange }: HandlingProps) {
  const { t } = useTranslation();
  const { data } = useQuery(deadLetterCountsQuery({ environment: letter.environment, state: "open" }));
  const may = useMay("operate", letter.environment);
  const [assignee, setAssignee] = useState(letter.assignee ?? "");
  const [note, setNote] = useState(letter.note ?? "");
  const assign = (name: string) => {
    if (name.trim() !== (letter.assignee ?? "")) onChange({ assignee: name.trim() || null });
  };
  return (
    <section className={runs.section}>
      <h3>{t("letter.handling")}</h3>
      <ReadOnly on={!may}>
        <div style={{ display: "grid", gridTemplateColumns: "1fr 1fr", gap: 8 }}>
          <Autocomplete
            label={t("letter.assignee")}
            placeholder={t("letter.assigneeNone")}
            data={data?.assignees.flatMap((each) => each.assignee ?? []) ?? []}
            value={assignee}
            onChange={setAssignee}
            onOptionSubmit={assign}
            onBlur={() => assign(assignee)}
            maxLength={120}
            data-testid="assignee"
          />
          <TagsInput
            label={t("letter.tags")}
            placeholder={letter.tags.length === 0 ? t("letter.tagsAdd") : ""}
            data={data?.tags.map(({ tag }) => tag) ?? []}
            value={letter.tags}
            onChange={(tags) =>
              onChange({
                addTags: tags.filter((tag) => !letter.tags.includes(tag)),
                removeTags: letter.tags.filter((tag) => !tags.includes(tag)),
              })
            }
            data-testid="tags"
          />
        </div>
        <Textarea
          mt={8}
          label={t("letter.note")}
          placeholder={t("letter.notePlaceholder")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          onBlur={() => {
            if (note.trim() !== (letter.note ?? "")) onChange({ note: note.trim() || null });
          }}
          autosize
          minRows={1}
          maxLength={2000}
          data-testid="note"
        />
      </ReadOnly>
    </section>
  );
}
