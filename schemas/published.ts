import { Connection } from "./connection.ts";
import { Connector } from "./connector.ts";
import { DeadLetter } from "./deadLetter.ts";
import { Deployment } from "./deployment.ts";
import { Flow } from "./flow.ts";
import { NodeManifest } from "./manifest.ts";
import { Run } from "./run.ts";
import { FlowSample } from "./sample.ts";

const definitions: Readonly<Record<string, { title: string; schema: object }>> = {
  flow: { title: "Flow", schema: Flow },
  "node-manifest": { title: "Node manifest", schema: NodeManifest },
  connector: { title: "Connector", schema: Connector },
  connection: { title: "Connection", schema: Connection },
  deployment: { title: "Deployment", schema: Deployment },
  run: { title: "Run", schema: Run },
  "dead-letter": { title: "Dead letter", schema: DeadLetter },
  sample: { title: "Sample of a flow", schema: FlowSample },
};

/**
 * The JSON Schema files of this folder, by file name, as text: for editors, other tools and the `$schema` line of
 * flow, connector and sample files. Written by `npm run generate`; never edit the files, edit the definitions.
 */
export const schemaFiles = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(definitions).map(([name, { title, schema }]) => {
      const document = { $schema: "https://json-schema.org/draft/2020-12/schema", $id: `orderloom/${name}/1`, title, ...schema };
      return [`${name}.schema.json`, `${JSON.stringify(document, null, 2)}\n`];
    }),
  );
