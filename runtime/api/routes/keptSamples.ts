import { Type } from "typebox";
import { fileText } from "#nodes/bundle/fileText.ts";
import { keepSample, keptSamples, removeSample } from "#runtime/store/samples.ts";
import { SampleKept } from "#schemas/api.ts";
import { FlowSample } from "#schemas/sample.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { ApiFailure } from "../errors.ts";
import { givenSamples, requireSampleSize } from "../samples.ts";

const SampleParams = Type.Object({ flow: Type.String(), name: FlowSample.properties.name });

/** Samples that people keep with a flow: all who see the flow see them, and its next version is published with them. */
export function keptSampleRoutes(app: App, { engine }: ApiParts): void {
  const { db, settings } = engine;

  app.put(
    "/flows/:flow/samples/:name",
    {
      schema: {
        tags: ["samples"],
        summary: "Keep a sample with a flow, over the revision it was made from; 0 for a new one",
        params: SampleParams,
        body: Type.Object(
          { revision: Type.Integer({ minimum: 0, maximum: 2_000_000_000 }), sample: FlowSample },
          { additionalProperties: false },
        ),
        response: { 200: SampleKept },
      },
    },
    async (request) => {
      const { flow, name } = request.params;
      const { revision, sample } = request.body;
      const [problem] = validateSample(sample);
      if (problem) throw new ApiFailure("sampleInvalid", { detail: problem.message });
      if (sample.name !== name) throw new ApiFailure("sampleInvalid", { detail: `its name is ${sample.name}, not ${name}.` });
      const body = fileText(sample);
      requireSampleSize("The sample", JSON.stringify(sample), settings);
      const limits = { samplesPerFlow: settings.maxSamplesPerFlow };
      const kept = await keepSample(db, { flow, name, body, revision }, limits, actorOf(request));
      if (kept.ok) return { revision: kept.revision };
      if (kept.why === "missing") throw new ApiFailure("notFound", { what: `flow ${flow}` });
      if (kept.why === "full") throw new ApiFailure("samplesFull", { flow, most: limits.samplesPerFlow });
      throw new ApiFailure("sampleConflict", { sample: name });
    },
  );

  app.delete(
    "/flows/:flow/samples/:name",
    {
      schema: {
        tags: ["samples"],
        summary: "Remove a sample that is kept with a flow; versions that were published with it keep it",
        params: SampleParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { flow, name } = request.params;
      if (await removeSample(db, flow, name, actorOf(request))) return reply.code(204).send(null);
      if (Object.hasOwn(await givenSamples(db, flow), name)) throw new ApiFailure("sampleGiven", { sample: name });
      throw new ApiFailure("notFound", { what: `sample ${name} of flow ${flow}` });
    },
  );
}

/** What is told of samples in lists: who kept which. */
export async function keptOf(db: ApiParts["engine"]["db"], flow: string) {
  const kept = await keptSamples(db, flow);
  return (name: string) => {
    const found = kept[name];
    return found ? { revision: found.revision, updatedAt: found.updatedAt, updatedBy: found.updatedBy } : null;
  };
}
