import { type Dispatcher, request } from "undici";

/** What a server answered. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is checked by the test that reads it.
  body: any;
}

export interface Question {
  /** `POST` with a body and `GET` without one, where nothing else is said. */
  method?: string;
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  dispatcher?: Dispatcher;
}

/** Asks a server, and reads what it answers: JSON where it is some, nothing where it is empty, otherwise its text. */
export async function ask(address: string, question: Question = {}): Promise<Answer> {
  const { body, method = body === undefined ? "GET" : "POST", headers, dispatcher } = question;
  const response = await request(address, {
    method: method as "GET",
    headers: { "content-type": "application/json", ...headers },
    body: body === undefined ? null : typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    ...(dispatcher ? { dispatcher } : {}),
  });
  return { status: response.statusCode, headers: response.headers, body: read(await response.body.text()) };
}

function read(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
