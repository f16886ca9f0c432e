import { type Static, Type } from "typebox";

/** A key that seals the secrets of connections. Keys themselves are never shown. */
export const KeyUse = Type.Object({
  id: Type.String({ description: "A hash of the key." }),
  current: Type.Boolean({ description: "Secrets are sealed with it now." }),
  present: Type.Boolean({ description: "False for one that is not here any more: what it sealed cannot be opened." }),
  secrets: Type.Integer({ description: "How many sets of secrets it has sealed." }),
});
export type KeyUse = Static<typeof KeyUse>;

export const KeyList = Type.Object({
  source: Type.Enum(["file", "environment"], { description: "Where keys come from: `secret.key`, or ORDERLOOM_SECRET_KEY." }),
  items: Type.Array(KeyUse),
});
export type KeyList = Static<typeof KeyList>;

export const KeysRotated = Type.Object({
  key: Type.String({ description: "The id of the key in use now." }),
  resealed: Type.Integer({ description: "How many sets of secrets were encrypted anew." }),
  retired: Type.Array(Type.String(), { description: "Keys that nothing needs any more." }),
  source: KeyList.properties.source,
});
export type KeysRotated = Static<typeof KeysRotated>;
