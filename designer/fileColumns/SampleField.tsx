import { Button, FileButton, Textarea } from "@mantine/core";
import { FileUp, WandSparkles } from "lucide-react";
import { useState } from "react";
import classes from "./fileColumns.module.css";
import { MOST_SAMPLE_BYTES, readSample } from "./sampleFile.ts";
import { say } from "./say.ts";

interface SampleFieldProps {
  sample: string;
  /** There are columns that no sample replaces unless that is asked for. */
  isOwn: boolean;
  /** Gives how many columns were taken from it; a file comes with its characters. */
  onSample: (text: string, charset?: string) => number;
  onTake: () => number;
}

/** A sample of a file, chosen or pasted, by which its columns are found. */
export function SampleField({ sample, isOwn, onSample, onTake }: SampleFieldProps) {
  const [told, setTold] = useState("");
  const tell = (taken: number, more = "") =>
    setTold([more, taken > 0 ? say("sample.taken", { count: taken }) : ""].filter((text) => text !== "").join(" "));
  const choose = async (file: File | null) => {
    if (!file) return;
    const bytes = new Uint8Array(await file.slice(0, MOST_SAMPLE_BYTES).arrayBuffer());
    const { text, charset, cut } = readSample(bytes, file.size);
    if (text.trim() === "") return setTold(say("sample.none"));
    tell(onSample(text, charset), cut ? say("sample.cut") : "");
  };
  return (
    <section className={classes.part}>
      <h3>{say("sample.title")}</h3>
      <p className="ol-dim ol-small">{say("sample.hint")}</p>
      <Textarea
        aria-label={say("sample.text")}
        placeholder={say("sample.placeholder")}
        styles={{ input: { fontFamily: "var(--ol-mono)", whiteSpace: "pre", overflowX: "auto" } }}
        rows={4}
        value={sample}
        onChange={(event) => tell(onSample(event.currentTarget.value))}
        data-autofocus
        data-testid="columns-sample"
      />
      <div className={classes.tools}>
        <FileButton onChange={(file) => void choose(file)} accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain">
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileUp size={14} aria-hidden />}>
              {say("sample.choose")}
            </Button>
          )}
        </FileButton>
        {isOwn && sample.trim() !== "" && (
          <Button
            variant="default"
            leftSection={<WandSparkles size={14} aria-hidden />}
            onClick={() => {
              const taken = onTake();
              if (taken > 0) tell(taken);
              else setTold(say("sample.none"));
            }}
          >
            {say("sample.take")}
          </Button>
        )}
        <span role="status" className="ol-dim ol-small">
          {told}
        </span>
      </div>
    </section>
  );
}
