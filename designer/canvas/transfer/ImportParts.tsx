import { Button, FileButton, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useNavigate } from "react-router";
import type { Flow } from "#schemas/flow.ts";
import { say } from "../../actions/say.ts";
import { createFlow } from "../../api/commands.ts";
import { address, useEnvironment } from "../../app/address.ts";
import type { Catalogue } from "../catalogue.ts";
import type { PastedText } from "../pastedText.ts";
import classes from "./transfer.module.css";

/** Makes a flow of what was imported, and opens it. */
export function useCreate(onDone: () => void) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id: environment } = useEnvironment();
  return useMutation({
    mutationFn: (flow: Flow) => createFlow(flow),
    onSuccess: async (detail) => {
      void queries.invalidateQueries({ queryKey: ["flows"] });
      onDone();
      await navigate(address.flow(environment, detail.flow.id));
    },
  });
}

/** Where the text comes from: pasted, or a file. */
export function Source({ text, onText, hint }: { text: string; onText: (text: string) => void; hint: string }) {
  return (
    <>
      <Textarea
        label={say("transfer.text")}
        description={hint}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        rows={8}
        classNames={{ input: "ol-mono" }}
        spellCheck={false}
        data-autofocus
        data-testid="import-text"
      />
      <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(onText)}>
        {(button) => (
          <Button {...button} variant="default" leftSection={<FileUp size={14} aria-hidden />} style={{ alignSelf: "start" }}>
            {say("transfer.file")}
          </Button>
        )}
      </FileButton>
    </>
  );
}

/** What the text is, or what is wrong with it and where. */
export function Told({ read, manifests }: { read: PastedText; manifests: Catalogue["manifests"] | undefined }) {
  if (read.kind === "empty") return null;
  if (read.kind === "foreign") return <p role="alert">{say("transfer.foreign")}</p>;
  if (read.kind === "broken") {
    return (
      <div role="alert" data-testid="import-faults">
        <p style={{ margin: "0 0 4px" }}>{say("transfer.broken")}</p>
        <ul className={classes.faults}>
          {read.faults.map(({ place, message }) => (
            <li key={`${place} ${message}`}>
              <code>{place}</code> {message}
            </li>
          ))}
        </ul>
      </div>
    );
  }
  const { nodes, edges } = read.kind === "flow" ? read.flow : read.part;
  const unknown = [...new Set(nodes.map(({ type }) => type).filter((type) => manifests?.has(type) === false))];
  return (
    <p role="status" style={{ margin: 0 }} data-testid="import-told">
      {read.kind === "flow" && <strong>{read.flow.name}: </strong>}
      {say("transfer.holds", {
        nodes: say("transfer.nodes", { count: nodes.length }),
        edges: say("transfer.edges", { count: edges.length }),
      })}{" "}
      {unknown.length > 0 && say("transfer.unknown", { types: unknown.join(", ") })}
    </p>
  );
}
