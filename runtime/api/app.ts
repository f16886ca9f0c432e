import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { Catalog } from "#nodes/lock.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { SystemInfo } from "#schemas/api.ts";
import type { Answers } from "./answers.ts";
import type { Intake } from "./intake.ts";
import type { ReviewTurns } from "./promotions/reviewTurns.ts";

/** What the routes work with. */
export interface ApiParts {
  engine: EngineParts;
  catalog: Catalog;
  intake: Intake;
  answers: Answers;
  info: SystemInfo;
  /** For what tries flows on many messages or samples while somebody waits. */
  turns: ReviewTurns;
}

/** The server with the types of its TypeBox schemas. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;
