import { connectorProblems } from "#nodes/connector/check.ts";
import { connectionFaults } from "#nodes/connector/connectionFaults.ts";
import { operationManifests } from "#nodes/connector/manifest.ts";
import { signWebhook, verifyWebhook } from "#nodes/connector/verifyWebhook.ts";
import { intakeKeys } from "#nodes/connector/webhook.ts";
import { verifyToken, withToken } from "#nodes/connector/webhookToken.ts";
import { mappingFiles } from "#nodes/lock.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import { NodeManifest } from "#schemas/manifest.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { type Field, fieldsOf } from "../../designer/inspector/fields.ts";
import { type Exchange, type Known, operationOf } from "./operation.fixture.ts";

/** What stands in the folder of connectors, by its path in there. */
export type Files = ReadonlyMap<string, string>;

/** A connector as it is walked: what it says, and the folder that it stands in. */
export interface Walked {
  connector: Connector;
  files: Files;
}

type Tree = Record<string, unknown>;
type Property = Tree & { "x-secret"?: boolean; format?: string; examples?: unknown[]; enum?: unknown[]; default?: unknown };

/** One thing that comes from a connector's files alone: a sentence for everything that lacks to it. */
export type Aspect = (walked: Walked) => string[] | Promise<string[]>;

export const operationsOf = ({ operations }: Connector): [string, ConnectorOperation][] => Object.entries(operations);
const propertiesOf = (schema: unknown): Record<string, Property> =>
  ((schema as Tree | undefined)?.properties ?? {}) as Record<string, Property>;

/** A connection filled in from what its schema says of each setting, so that a request can be made. */
export function connectionOf({ connection }: Connector, address = "https://system.example"): Known {
  const known: Known = { config: {}, secrets: {} };
  for (const [name, { "x-secret": secret, format, examples, enum: values, default: preset, type }] of Object.entries(
    propertiesOf(connection),
  )) {
    const filled = type === "integer" || type === "number" ? 1 : `a-${name}`;
    if (secret) known.secrets[name] = `a secret of 16 letters: ${name}`;
    else known.config[name] = format === "uri" ? address : (examples?.[0] ?? preset ?? values?.[0] ?? filled);
  }
  return known;
}

/** The folder holds data and prose: what JSON, JSONata and Markdown cannot say is no part of a connector. */
export const strangers = (files: Files): string[] =>
  [...files.keys()]
    .filter((name) => !/\.(json|jsonata|md)$/.test(name))
    .map((name) => `${name} is neither JSON nor JSONata nor Markdown.`);

/** Files that no connector names. */
export function orphans(files: Files, connectors: readonly Connector[]): string[] {
  const canonical = files.get("canonical.json") ?? "[]";
  const named = new Set(["canonical.json", ...connectors.flatMap(({ id }) => [`${id}.connector.json`, `${id}.README.md`])]);
  for (const connector of connectors) {
    for (const mapping of mappingFiles(connector)) named.add(mapping);
    for (const [, { samples }] of operationsOf(connector)) for (const file of samples) named.add(`samples/${file}`);
  }
  const spoken = (name: string): boolean => canonical.includes(`"${name.replace("samples/", "")}"`);
  return [...files.keys()]
    .filter((name) => !named.has(name) && !spoken(name))
    .map((name) => `${name} belongs to no operation and no line of canonical.json.`);
}

/** An entry in the palette for each operation: found by what it says of itself, told apart from the others. */
const palette: Aspect = ({ connector }) => {
  const manifests = operationManifests(connector);
  const titles = manifests.map(({ title }) => title);
  return manifests.flatMap((manifest, index) => {
    const lacks: string[] = [];
    const checked = checkAgainst(NodeManifest, manifest);
    if (!checked.ok || checked.faults.length > 0) lacks.push(`${manifest.type} is no valid node type.`);
    if (!/^\S.*[.]$/.test(manifest.summary)) lacks.push(`${manifest.type} has no sentence under its title.`);
    if ((connector.operations[manifest.operation ?? ""]?.keywords ?? []).length === 0)
      lacks.push(`${manifest.type} has no words to be searched by.`);
    if (titles.indexOf(manifest.title) !== index) lacks.push(`${manifest.type} is called as another: ${manifest.title}.`);
    return lacks;
  });
};

const fieldFaults = (place: string, { name, title, description, control, schema }: Field): string[] => [
  ...(control === "json" ? [`${place}: the form has no widget for ${name}.`] : []),
  ...(typeof schema.title === "string" ? [] : [`${place}: ${name} has no title.`]),
  ...(description === undefined && !selfEvident(title) ? [`${place}: ${name} has no description.`] : []),
];

/** Titles that say all there is to say. */
const selfEvident = (title: string): boolean => /^(Port|User name|Password|Usage|Format|API (key|secret)|Server)$/.test(title);

/** A form for the connection and for each node, every setting with a widget, a title and a word of help. */
const form: Aspect = ({ connector }) => [
  ...fieldsOf(connector.connection).flatMap((field) => fieldFaults("The connection", field)),
  ...operationManifests(connector).flatMap(({ type, config }) => fieldsOf(config).flatMap((field) => fieldFaults(type, field))),
];

/** Its file is right to the last expression, and its schemas say no to what is missing and to what they do not know. */
const validation: Aspect = ({ connector, files }) => {
  const { config, secrets } = connectionOf(connector);
  const given = { config, secrets, secretNames: [] };
  const required = ((connector.connection as Tree).required ?? []) as string[];
  const without = ({ [required[0] ?? ""]: _, ...rest }: Tree): Tree => rest;
  const mappings = Object.fromEntries([...files].filter(([name]) => name.endsWith(".jsonata")));
  const names = [...files.keys()].flatMap((name) => (name.startsWith("samples/") ? [name.slice("samples/".length)] : []));
  const problems = connectorProblems(connector, { mappings, samples: names });
  const lacks = problems.map(({ pointer, message }) => `${pointer}: ${message}`);
  if (required.length === 0) lacks.push("Its connection needs nothing, so that none could be told from another.");
  else if (
    connectionFaults(connector, { ...given, config: without(config), secrets: without(secrets) as Record<string, string> })
      .length === 0
  )
    lacks.push(`A connection without ${required[0]} is not refused.`);
  if (connectionFaults(connector, { ...given, config: { ...config, noSuchSetting: 1 } }).length === 0)
    lacks.push("A connection with a setting that nobody knows is not refused.");
  for (const { type, config: schema } of operationManifests(connector)) {
    const checked = checkAgainst(schema, { noSuchSetting: 1 });
    if (!checked.ok || checked.faults.length === 0) lacks.push(`${type} takes a setting that nobody knows.`);
  }
  return lacks;
};

export const parsed = (files: Files, name: string): unknown => JSON.parse(files.get(`samples/${name}`) ?? "null");

/** Each operation has samples, and there they are. */
const samples: Aspect = ({ connector, files }) =>
  operationsOf(connector).flatMap(([name, operation]) =>
    operation.samples.length === 0
      ? [`${connector.id}.${name} has no sample.`]
      : operation.samples
          .filter((file) => !files.has(`samples/${file}`))
          .map((file) => `${connector.id}.${name} names ${file}, which is not there.`),
  );

/** The engine can do each operation with each of its samples: make the request and read the answer, or know what came in. */
const executor: Aspect = async ({ connector, files }) => {
  const lacks: string[] = [];
  const known = connectionOf(connector);
  for (const [name, operation] of operationsOf(connector)) {
    for (const file of operation.samples) {
      const sample = parsed(files, file);
      const fault = await faultOf(connector, name, operation, known, sample).catch((raw: unknown) =>
        raw instanceof Error ? raw.message : JSON.stringify(raw),
      );
      if (fault !== undefined) lacks.push(`${connector.id}.${name} cannot be executed with ${file}: ${fault}`);
    }
  }
  return lacks;
};

async function faultOf(
  connector: Connector,
  name: string,
  operation: ConnectorOperation,
  known: Known,
  sample: unknown,
): Promise<string | undefined> {
  if (operation.kind !== "source") {
    const { item, config, answer } = sample as Exchange;
    const { render, read } = operationOf(connector, name, known, config);
    const { documentKey } = await render(item);
    if (operation.kind === "sink" && documentKey === "") return "the document has no key.";
    // Of several steps a sample has the answer to the last.
    const answered = await read(item, { ...answer, last: true });
    return answered.ok ? undefined : answered.reason.message;
  }
  switch (operation.transport) {
    case "poll": {
      const { ask } = operationOf(connector, name, known, (sample as { config?: Tree }).config ?? neededBy(operation.config));
      await ask();
      return undefined;
    }
    case "webhook": {
      const { verify } = operation;
      const carrier = withToken(verify, known, sample);
      const raw = Buffer.from(JSON.stringify(carrier.body));
      const headers = signWebhook(verify, known, raw);
      const verified = (): boolean =>
        verify.type === "token" ? verifyToken(verify, known, carrier).ok : verifyWebhook(verify, known, headers, raw).ok;
      if (verify.type !== "publicKey" && !verified()) return "what it signs, it does not take.";
      const { documentKey } = intakeKeys(operation, { headers, body: sample });
      return documentKey === null ? "the document has no key." : undefined;
    }
    case "service":
      return intakeKeys(operation, { headers: {}, body: sample }).documentKey === null ? "the request has no key." : undefined;
    default:
      return typeof sample === "object" && sample !== null ? undefined : "a message is an object.";
  }
}

/** Settings that a node cannot do without, filled in so that a request can be made. */
export const neededBy = (schema: unknown): Tree =>
  Object.fromEntries(
    (((schema as Tree | undefined)?.required ?? []) as string[]).map((name) => [
      name,
      propertiesOf(schema)[name]?.default ?? "''",
    ]),
  );

/** A page for people: named as the connector is, with each operation and each mapping that goes with it. */
const page: Aspect = ({ connector, files }) => {
  const text = files.get(`${connector.id}.README.md`);
  if (text === undefined) return [`There is no page ${connector.id}.README.md.`];
  const lacks = text.startsWith(`# ${connector.title}\n`) ? [] : [`Its page does not begin with "# ${connector.title}".`];
  for (const [name, { title }] of operationsOf(connector))
    if (!mentions(text, title)) lacks.push(`Its page does not say what "${title}" (${name}) does.`);
  for (const mapping of ownMappings(connector, files))
    if (!text.includes(mapping)) lacks.push(`Its page does not name the mapping ${mapping}.`);
  return lacks;
};

/** The title, in a heading or a row; what stands in brackets after it may stand elsewhere. */
const mentions = (text: string, title: string): boolean =>
  text.toLowerCase().includes(title.replace(/ \(.*\)$/, "").toLowerCase());

/** Mappings that people put into a flow themselves; those of requests are the connector's own business. */
function ownMappings(connector: Connector, files: Files): string[] {
  const used = new Set(mappingFiles(connector));
  return [...files.keys()].filter((name) => name.startsWith(`${connector.id}.`) && name.endsWith(".jsonata") && !used.has(name));
}

export const aspects: Readonly<Record<string, Aspect>> = { palette, form, validation, samples, executor, page };
