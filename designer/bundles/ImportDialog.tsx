import { Checkbox, FileInput, Loader } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { importBundle } from "../api/commands.ts";
import { importReviewQuery } from "../api/queries.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { Refusal } from "../elements/Refusal.tsx";
import { tell } from "../elements/tell.ts";
import { ImportFindings } from "./ImportFindings.tsx";
import { say } from "./say.ts";

/** Takes the flows of a bundle in, after showing all that it would change. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [publish, setPublish] = useState(true);
  const [force, setForce] = useState(false);
  const [bundle, setBundle] = useState<unknown>(null);
  const [unreadable, setUnreadable] = useState(false);
  const wish = { bundle, publish, force, ...(file ? { origin: { name: file.name } } : {}) };
  const review = useQuery(importReviewQuery(wish, file?.lastModified ?? 0));
  const take = useMutation({
    mutationFn: () => importBundle(wish),
    onSuccess: async ({ flows }) => {
      tell({ message: say("files.done", { count: flows.length }), color: "green" });
      await queries.invalidateQueries();
      onClose();
    },
  });
  const choose = async (chosen: File | null) => {
    setFile(chosen);
    const read = chosen === null ? null : await readJson(chosen);
    setBundle(read);
    setUnreadable(chosen !== null && read === null);
  };
  const { data, error, isFetching } = review;
  const ahead = data?.flows.some(({ draft, samples }) => draft === "ahead" || samples.ahead.length > 0) ?? false;
  return (
    <FormDialog
      title={say("files.title")}
      size="lg"
      onClose={onClose}
      action={take}
      error={take.error}
      submit={say("files.do")}
      disabled={!data || data.refusals.length > 0 || isFetching}
      testId="import-do"
    >
      <FileInput
        label={say("files.file")}
        description={say("files.fileHint")}
        accept=".json,application/json"
        value={file}
        onChange={(chosen) => void choose(chosen)}
        error={unreadable && say("files.notJson")}
        data-autofocus
        data-testid="import-file"
      />
      <Checkbox
        label={say("files.publish")}
        description={say("files.publishHint")}
        checked={publish}
        onChange={(event) => setPublish(event.currentTarget.checked)}
        data-testid="import-publish"
      />
      {(ahead || force) && (
        <Checkbox
          label={say("files.force")}
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
          data-testid="import-force"
        />
      )}
      {isFetching && (
        <div role="status" style={{ display: "flex", alignItems: "center", gap: 8 }}>
          <Loader size={14} aria-hidden /> {say("files.checking")}
        </div>
      )}
      <Refusal error={error} />
      {data && !isFetching && <ImportFindings report={data} />}
    </FormDialog>
  );
}

async function readJson(file: File): Promise<unknown> {
  try {
    return JSON.parse(await file.text()) as unknown;
  } catch {
    return null;
  }
}
