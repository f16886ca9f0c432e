import type { ConnectorOperation, EffectOperation } from "#schemas/connector.ts";
import { FileColumn, MOST_FILE_COLUMNS } from "#schemas/fileColumns.ts";

type SourceOperation = Exclude<ConnectorOperation, EffectOperation>;
type Json = Record<string, unknown>;

/** The shortest time between two looks that a node may ask for, in seconds. */
const SHORTEST_INTERVAL_S = 1;
/** A look once a day at least. */
const LONGEST_INTERVAL_S = 86_400;
/** The longest that a caller of a service may be kept waiting: proxies on the way hang up after about as long. */
const LONGEST_ANSWER_S = 120;

const every = (intervalMs: number): Json => ({
  type: "number",
  title: "Look every",
  description: "Time between two looks, in seconds.",
  minimum: SHORTEST_INTERVAL_S,
  maximum: LONGEST_INTERVAL_S,
  default: intervalMs / 1000,
  "x-widget": "duration",
});

const closed = (properties: Json, more: Json = {}): Json => ({
  type: "object",
  additionalProperties: false,
  ...more,
  properties,
});

const placeProperties: Json = {
  folder: {
    type: "string",
    title: "Folder",
    description: "Below the folder of the connection. Empty: that folder itself.",
    default: "",
    pattern: "^(?!.*(^|/)\\.\\.?(/|$))(?!/)[^\\\\]*$",
  },
  names: {
    type: "string",
    title: "File names",
    description: "Which files to take; * stands for any text, ? for one character.",
    minLength: 1,
    pattern: "^[^/\\\\]+$",
    default: "*",
  },
};

/** Settings that mean something for files of rows alone: `x-when` has the form show them there. */
const ofRows: Json = { format: ["csv", "tsv"] };

/** How a node reads its files where the connector does not say so. */
const readingProperties: Json = {
  format: {
    type: "string",
    title: "Format",
    description: "How a file is read. Each file is one message, and so is each file in an archive.",
    enum: ["text", "json", "jsonl", "csv", "tsv", "xml", "x12", "edifact"],
    default: "text",
  },
  packed: {
    type: "string",
    title: "Packed",
    description: "How files are packed.",
    enum: ["none", "gzip", "zip"],
    default: "none",
  },
  charset: {
    type: "string",
    title: "Characters",
    description: "How characters stand in the file.",
    enum: ["utf-8", "utf-16le", "iso-8859-1", "iso-8859-15", "windows-1252"],
    default: "utf-8",
  },
  delimiter: {
    type: "string",
    title: "Delimiter",
    description: "What stands between two fields.",
    minLength: 1,
    maxLength: 4,
    default: ",",
    "x-when": { format: ["csv"] },
  },
  quote: {
    type: "string",
    title: "Quote",
    description: "What encloses a field that holds the delimiter.",
    oneOf: [
      { const: '"', title: 'Double quotes "' },
      { const: "'", title: "Single quotes '" },
      { const: "", title: "None" },
    ],
    default: '"',
    "x-when": ofRows,
  },
  header: {
    type: "boolean",
    title: "First row names the columns",
    description: "Each row becomes an object; without it, a list of fields, or an object by the columns below.",
    default: true,
    "x-when": ofRows,
  },
  columns: {
    type: "array",
    title: "Columns",
    description: "What stands in the fields. Columns that are not described stay text.",
    minItems: 1,
    maxItems: MOST_FILE_COLUMNS,
    items: FileColumn,
    "x-widget": "fileColumns",
    "x-when": ofRows,
  },
};

/** The JSON Schema of the config of a source node. */
export function sourceConfig(operation: SourceOperation): Json {
  switch (operation.transport) {
    case "webhook":
      return closed({});
    case "poll": {
      const own = (operation.config?.properties ?? {}) as Json;
      return { ...closed({ ...own, everySeconds: every(operation.intervalMs) }), ...required(operation.config) };
    }
    case "file":
    case "sftp":
      return closed({
        ...placeProperties,
        ...(operation.decode ? {} : readingProperties),
        everySeconds: every(operation.intervalMs),
      });
    case "event":
      return closed({
        topic: {
          type: "string",
          title: "Topic",
          description: "Which events to take; * stands for any text, such as orders.*.",
          minLength: 1,
          maxLength: 200,
          pattern: "^[A-Za-z0-9_.*-]+$",
          default: "*",
        },
      });
    case "service":
      return closed({
        timeoutSeconds: {
          type: "number",
          title: "Answer within",
          description: "How long a caller waits for the flow's answer before it gets a receipt instead, in seconds.",
          minimum: 0.1,
          maximum: LONGEST_ANSWER_S,
          default: operation.timeoutMs / 1000,
          "x-widget": "duration",
        },
      });
  }
}

const required = (config: Json | undefined): Json => (Array.isArray(config?.required) ? { required: config.required } : {});
