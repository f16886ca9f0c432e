import { Autocomplete, Button, Group, Select, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MaskedMessage } from "#schemas/api.ts";
import type { Run } from "#schemas/run.ts";
import { maskedMessageQuery, runsQuery } from "../api/queries.ts";
import { useEnvironment, useEnvironments } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { JsonView } from "../elements/JsonView.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { Refusal } from "../elements/Refusal.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import type { NewSample } from "./newSample.ts";
import { OutcomeSelect } from "./OutcomeSelect.tsx";
import type { NewSampleProps } from "./PasteSample.tsx";
import { leafPlaces } from "./places.ts";
import classes from "./preview.module.css";
import { say } from "./say.ts";

/** As many as are worth looking through. */
const SHOWN = 20;

/** Takes a message that came in as a sample: chosen from the recent ones, masked, and looked at before it is kept. */
export function CaptureSample({ flow, draws, pending, onAdd }: NewSampleProps) {
  const environments = useEnvironments();
  const here = useEnvironment();
  const [environment, setEnvironment] = useState(here.id);
  const [run, setRun] = useState<Run | null>(null);
  return (
    <>
      <p className="ol-dim" style={{ margin: "0 0 12px" }}>
        {say("capture.text")} {say(draws ? "kept.home" : "kept.homeBrowser")}
      </p>
      <div className={classes.capture}>
        <div>
          <Select
            label={say("capture.environment")}
            data={environments.map(({ id, title }) => ({ value: id, label: title }))}
            value={environment}
            onChange={(id) => {
              if (id) setEnvironment(id);
              setRun(null);
            }}
            allowDeselect={false}
            mb={8}
          />
          <Messages flow={flow.id} environment={environment} chosen={run} onChoose={setRun} />
        </div>
        <div style={{ minWidth: 0 }}>
          {run ? (
            <MaskedSample key={run.id} run={run} draws={draws} pending={pending} onAdd={onAdd} />
          ) : (
            <p className="ol-dim">{say("capture.choose")}</p>
          )}
        </div>
      </div>
    </>
  );
}

interface MessagesProps {
  flow: string;
  environment: string;
  chosen: Run | null;
  onChoose: (run: Run) => void;
}

function Messages({ flow, environment, chosen, onChoose }: MessagesProps) {
  const runs = useInfiniteQuery(runsQuery({ environment, flow }));
  return (
    <Loaded query={runs} skeleton={<RowsSkeleton rows={4} />}>
      {({ pages }) => {
        // A replay has the message of the run that it replays.
        const found = pages.flatMap(({ items }) => items).filter(({ kind }) => kind === "live");
        if (found.length === 0) return <p className="ol-dim">{say("capture.none")}</p>;
        return (
          <ul className={classes.messages} aria-label={say("capture.messages")}>
            {found.slice(0, SHOWN).map((run) => (
              <li key={run.id}>
                <button
                  type="button"
                  aria-pressed={run.id === chosen?.id}
                  onClick={() => onChoose(run)}
                  data-testid="capture-message"
                >
                  <span className="ol-clip">{run.documentKey ?? run.messageId}</span>
                  <span className="ol-dim ol-small">
                    <TimeText iso={run.startedAt} />
                  </span>
                  <StateChip state={run.state} />
                </button>
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}

const without = (list: readonly string[], one: string): string[] => list.filter((other) => other !== one);

type MaskedSampleProps = Pick<NewSampleProps, "draws" | "pending" | "onAdd"> & { run: Run };

function MaskedSample({ run, draws, pending, onAdd }: MaskedSampleProps) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(say("capture.document", { key: run.documentKey ?? run.id.slice(0, 8) }));
  const [outcome, setOutcome] = useState<NewSample["outcome"]>("SUCCEEDED");
  const [mask, setMask] = useState<string[]>([]);
  const [keep, setKeep] = useState<string[]>([]);
  const message = useQuery(maskedMessageQuery(run.id, { mask, keep }));
  const { data, error } = message;
  if (!data) return error ? <Refusal error={error} /> : <RowsSkeleton rows={6} />;
  return (
    <>
      <Refusal error={error} />
      <Group grow align="flex-start" mb={12}>
        <TextInput
          label={say("capture.name")}
          value={title}
          maxLength={160}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-testid="capture-title"
        />
        {draws && <OutcomeSelect value={outcome} onChange={setOutcome} />}
      </Group>
      <section aria-label={t("preview.dialogMessage")} style={{ marginBottom: 12 }} data-testid="capture-shown">
        <JsonView value={data.input} label={say("capture.shown")} maxHeight={220} />
      </section>
      <Places
        environment={run.environment}
        message={data}
        keep={keep}
        onKeep={(pointer) => {
          setMask(without(mask, pointer));
          setKeep([...keep, pointer]);
        }}
        onMask={(pointer) => {
          if (keep.includes(pointer)) setKeep(without(keep, pointer));
          else setMask([...without(mask, pointer), pointer]);
        }}
      />
      <Group justify="flex-end" mt={12}>
        <Button
          onClick={() => onAdd({ title, source: data.source, input: data.input, outcome })}
          disabled={message.isFetching || error !== null}
          loading={pending}
          data-testid="capture-add"
        >
          {say("capture.done")}
        </Button>
      </Group>
    </>
  );
}

interface PlacesProps {
  environment: string;
  message: MaskedMessage;
  keep: readonly string[];
  onKeep: (pointer: string) => void;
  onMask: (pointer: string) => void;
}

/** What was masked, place by place; who operates there may leave one as it is. */
function Places({ environment, message: { masked, input }, keep, onKeep, onMask }: PlacesProps) {
  const [added, setAdded] = useState("");
  const known = new Set(masked.map(({ pointer }) => pointer));
  const offered = leafPlaces(input).filter((pointer) => !known.has(pointer) && !keep.includes(pointer));
  return (
    <>
      <strong data-testid="capture-count">
        {masked.length === 0 ? say("capture.nothing") : say("capture.masked", { count: masked.length })}
      </strong>
      <ul className={classes.places}>
        {masked.map(({ pointer, kind }) => (
          <li key={pointer}>
            <span className="ol-mono ol-clip" title={pointer}>
              {pointer}
            </span>
            <span className="ol-dim ol-small">{kindName(kind)}</span>
            <RoleButton
              permission="operate"
              environment={environment}
              variant="subtle"
              size="compact-xs"
              aria-label={say("capture.keepNamed", { pointer })}
              onClick={() => onKeep(pointer)}
            >
              {say("capture.keep")}
            </RoleButton>
          </li>
        ))}
        {keep.map((pointer) => (
          <li key={pointer}>
            <span className="ol-mono ol-clip" title={pointer}>
              {pointer}
            </span>
            <span className="ol-dim ol-small">{say("capture.kept")}</span>
            <Button
              variant="subtle"
              size="compact-xs"
              aria-label={say("capture.maskNamed", { pointer })}
              onClick={() => onMask(pointer)}
            >
              {say("capture.maskAgain")}
            </Button>
          </li>
        ))}
      </ul>
      <Group gap={8} align="flex-end">
        <Autocomplete
          label={say("capture.add")}
          description={say("capture.addHint")}
          data={offered}
          limit={30}
          value={added}
          onChange={setAdded}
          style={{ flex: 1 }}
          data-testid="capture-place"
        />
        <Button
          variant="default"
          disabled={!added.startsWith("/")}
          onClick={() => {
            onMask(added);
            setAdded("");
          }}
        >
          {say("capture.addDo")}
        </Button>
      </Group>
    </>
  );
}

const kinds = [
  ...(["email", "phone", "name", "company", "street", "taxId", "account", "userName", "note"] as const),
  ...(["ip", "birthDate", "place", "postalCode", "token", "web", "mention"] as const),
];

const kindName = (kind: string): string => {
  const known = kinds.find((one) => one === kind);
  return known ? say(`kind.${known}`) : kind;
};
