import { keyUse, type Rotated, rotateKeys } from "#runtime/store/rekey.ts";
import { KeyList, KeysRotated } from "#schemas/keys.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["keys"];

/** The keys that seal the secrets of connections: which there are, and how to change them while everything runs. */
export function keyRoutes(app: App, { engine }: ApiParts): void {
  const { db, box } = engine;
  app.get(
    "/keys",
    { schema: { tags, summary: "The keys that seal the secrets of connections", response: { 200: KeyList } } },
    async () => ({ source: box.keys.source, items: await keyUse(db, box) }),
  );

  app.post(
    "/keys/rotate",
    {
      schema: {
        tags,
        summary: "Take a new key into use, encrypt all secrets anew and retire the old one",
        description: "Goes on with a change that was broken off. Refuses while a secret cannot be opened.",
        response: { 200: KeysRotated },
      },
    },
    async (request) => {
      const rotated = await rotateKeys(db, box, actorOf(request));
      if (!rotated.ok) throw refusal(rotated);
      return { key: rotated.key, resealed: rotated.resealed, retired: rotated.retired, source: box.keys.source };
    },
  );
}

/** Places that a sentence names; the rest are counted. */
const NAMED = 5;

function refusal(rotated: Extract<Rotated, { ok: false }>): ApiFailure {
  if (rotated.why !== "unopened") return new ApiFailure(rotated.why === "busy" ? "keysBusy" : "keysNoNew");
  const { places } = rotated;
  const named = places.slice(0, NAMED).map(({ environment, connection, field }) => `${field} of ${connection} in ${environment}`);
  const more = places.length > NAMED ? ` and ${places.length - NAMED} more` : "";
  return new ApiFailure("keysUnopened", { places: named.join(", ") + more });
}
