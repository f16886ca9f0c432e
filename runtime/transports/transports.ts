import type { RenderedRequest, Transport } from "#nodes/plan.ts";
import type { HttpPerformer, Performed } from "#runtime/engine/perform.ts";
import { redactor } from "#runtime/engine/redact.ts";
import type { Reaches } from "#runtime/reach/reach.ts";
import type { OpenFolder } from "#runtime/sources/files.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { dropFile } from "./drop.ts";
import { type EventParts, publishEvent } from "./events.ts";
import { sendMail } from "./mail.ts";
import { sqlPerformer } from "./sql/sql.ts";

type Perform = (connection: OpenConnection, request: RenderedRequest) => Promise<Performed>;

export interface Transports {
  /** Performs requests of every transport. */
  performer: HttpPerformer;
  close(): Promise<void>;
}

/**
 * What performs a request by the transport it names. All are asked as HTTP is and answer as it does, so that templates,
 * error rules, idempotency and samples of a connector are the same for a web service, a database, a mailbox and a folder.
 */
export function openTransports(
  http: HttpPerformer,
  parts: Parameters<OpenFolder>[1] & EventParts & { reaches: Reaches },
): Transports {
  const sql = sqlPerformer(parts.reaches);
  // Whoever asks names the crash point.
  const { perform: overHttp } = http;
  const drop: Perform = (connection, request) => dropFile(parts, connection, request);
  const by: Readonly<Record<Transport, Perform>> = {
    sql: sql.perform,
    mail: (connection, request) => sendMail(parts.reaches, connection, request),
    fileDrop: drop,
    sftpDrop: drop,
    event: (connection, request) => publishEvent(parts, connection, request),
  };
  return {
    performer: {
      async perform(connector, connection, request, late) {
        const { transport } = request;
        if (transport === undefined) return overHttp(connector, connection, request, late);
        return hidden(await by[transport](connection, request), connection.secrets);
      },
    },
    close: () => sql.close(),
  };
}

/** No answer and no message repeats a secret. */
function hidden(performed: Performed, secrets: Readonly<Record<string, string>>): Performed {
  const redact = redactor(Object.values(secrets));
  if (performed.ok) return { ok: true, response: { ...performed.response, body: redact(performed.response.body) } };
  const { failure } = performed;
  return { ...performed, failure: { ...failure, reason: { ...failure.reason, message: redact(failure.reason.message) } } };
}
