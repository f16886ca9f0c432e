import { Type } from "typebox";
import { maskPersonal } from "#runtime/masking/mask.ts";
import { readRun } from "#runtime/store/runs.ts";
import { MaskedMessage } from "#schemas/api.ts";
import { permits } from "#schemas/people.ts";
import type { ApiParts, App } from "../app.ts";
import { refusal } from "../authorize.ts";
import { callerOf } from "../caller.ts";
import { ApiFailure } from "../errors.ts";
import { requireSampleSize } from "../samples.ts";

/** More places than this nobody points at by hand. */
const MOST_PLACES = 500;
const Places = Type.Optional(Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: MOST_PLACES }));

/** Messages that came in, as samples: what tells who a person is stays here. */
export function maskedMessageRoutes(app: App, { engine }: ApiParts): void {
  app.post(
    "/runs/:id/masked-message",
    {
      schema: {
        tags: ["samples"],
        summary: "The message of a run with personal data masked, as a sample",
        description:
          "Names, ways to reach people, streets, companies, tax ids and free notes get pseudonyms; equal values stay equal within a flow. `mask` masks further places, `keep` leaves places as they are: that takes the role of an operator.",
        params: Type.Object({ id: Type.String() }),
        body: Type.Object({ mask: Places, keep: Places }, { additionalProperties: false }),
        response: { 200: MaskedMessage },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { mask = [], keep = [] } = request.body;
      const found = await readRun(engine.db, id);
      if (!found) throw new ApiFailure("notFound", { what: `run ${id}` });
      const { environment, flow } = found.run;
      if (keep.length > 0 && !permits(callerOf(request).grants, "operate", environment))
        throw refusal({ permission: "operate", in: "run" }, environment);
      if (found.message.body === null) throw new ApiFailure("messagePurged", { run: id });
      requireSampleSize(`The message of run ${id}`, JSON.stringify(found.message.body), engine.settings);
      // Of this installation and flow: elsewhere the same person has another name.
      const salt = engine.box.fingerprint(`masking ${flow}`);
      const { value, masked } = maskPersonal(found.message.body, { salt, mask, keep });
      return { source: found.message.source, input: value, masked };
    },
  );
}
