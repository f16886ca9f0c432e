import type { RenderedRequest } from "#nodes/plan.ts";
import type { Performed } from "#runtime/engine/perform.ts";
import { connectWithin, OutOfReach, type Reaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { sha256 } from "#runtime/store/ids.ts";

/** A server that cannot be reached within this is tried again later. */
const CONNECT_TIMEOUT_MS = 10_000;

/** What a message may have; a file or an address to fetch from is none of it. */
const parts = ["from", "to", "cc", "bcc", "replyTo", "subject", "text", "html", "attachments"] as const;

/** Header in which the operation gives what the message is known by; mail programs show two of one id once. */
const MESSAGE_ID = "message-id";

/** Hands a message to an SMTP server. What the server says comes as a status: its 4xx as 503, its 5xx as 422. */
export async function sendMail(reaches: Reaches, connection: OpenConnection, request: RenderedRequest): Promise<Performed> {
  const { config, secrets, name } = connection;
  const [host, user] = [String(config.host ?? ""), String(config.user ?? "")];
  const tls = String(config.tls ?? "start");
  const port = typeof config.port === "number" ? config.port : tls === "implicit" ? 465 : 587;
  // Few installations send mail: loaded when the first is sent.
  const { createTransport } = await import("nodemailer");
  const given = (request.body ?? {}) as Record<string, unknown>;
  const message = Object.fromEntries(parts.flatMap((part) => (given[part] === undefined ? [] : [[part, given[part]]])));
  const id = request.headers[MESSAGE_ID];
  let sent = false;
  try {
    const connected = await connectWithin(reaches.of(connection.reach), { host, port }, CONNECT_TIMEOUT_MS);
    sent = true;
    const transport = createTransport({
      connection: connected,
      host,
      port,
      secure: tls === "implicit",
      requireTLS: tls === "start",
      ignoreTLS: tls === "off",
      ...(user === "" ? {} : { auth: { user, pass: secrets.password ?? "" } }),
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: request.timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const from = message.from ?? config.from;
    const messageId = id === undefined ? {} : { messageId: `<${sha256(id)}@orderloom>` };
    const told = await transport.sendMail({ ...message, from, ...messageId } as object);
    const body = { messageId: told.messageId, accepted: told.accepted, rejected: told.rejected, response: told.response };
    return answered(told.rejected.length > 0 ? 207 : 200, body);
  } catch (error) {
    return notSent(error, name, sent);
  }
}

const answered = (status: number, body: unknown): Performed => ({
  ok: true,
  response: { status, headers: {}, body: JSON.stringify(body) },
});

/** Steps of SMTP after which the server has the message; before, nothing was sent. */
const afterData: readonly string[] = ["DATA", "EMESSAGE"];

function notSent(error: unknown, name: string, connected: boolean): Performed {
  const { code = "", responseCode, command = "", message = String(error) } = (error ?? {}) as Record<string, unknown>;
  if (code === "EAUTH") return answered(401, { code, message });
  if (typeof responseCode === "number") return answered(responseCode < 500 ? 503 : 422, { code: String(responseCode), message });
  if (error instanceof OutOfReach) {
    return {
      ok: false,
      failure: { class: "auth", reason: { code: error.code, message: error.message, hint: error.hint } },
      applied: "no",
    };
  }
  if (code === "EENVELOPE" || code === "EMESSAGE") return answered(422, { code, message });
  const maybe = connected && (afterData.includes(String(command)) || command === "");
  const said = maybe
    ? `The connection to ${name} broke (${code}); the message may have been taken.`
    : `The connection ${name} could not be worked with (${code}): ${message}`;
  return {
    ok: false,
    failure: { class: "transient", reason: { code: maybe ? "connectionLost" : "notReached", message: said } },
    applied: maybe ? "maybe" : "no",
  };
}
