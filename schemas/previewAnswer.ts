import { type Static, Type } from "typebox";

const Text = Type.Union([Type.String(), Type.Null()]);

/** What an effect of a draft would send for one item, over which connection; and once it was sent, what came back. */
export const PreviewAnswer = Type.Object({
  node: Type.String(),
  environment: Type.Object({ id: Type.String(), title: Type.String(), protected: Type.Boolean() }),
  connection: Type.Object({ name: Type.String(), account: Type.String(), sandbox: Type.Boolean() }),
  /** It changes nothing over there. */
  read: Type.Boolean(),
  documentKey: Type.String(),
  request: Type.Object({ method: Type.String(), path: Type.String(), body: Type.Unknown() }),
  /** Why it is not sent, whoever asks. */
  refused: Text,
  /** Null until it was sent. Secrets are taken out. */
  answer: Type.Union([
    Type.Object({
      good: Type.Boolean(),
      status: Type.Union([Type.Integer(), Type.Null()]),
      ms: Type.Integer(),
      /** What expressions after the node see of a good answer. */
      result: Type.Unknown(),
      /** What is wrong with it. */
      message: Text,
    }),
    Type.Null(),
  ]),
});
export type PreviewAnswer = Static<typeof PreviewAnswer>;
