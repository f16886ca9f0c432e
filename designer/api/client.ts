import type { ApiError } from "#schemas/api.ts";
import type { Problem } from "#schemas/problem.ts";

/** What went wrong with a request, in the server's own words where it gave any. */
export class ApiFailure extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly problems: Problem[];
  readonly details: unknown;

  constructor(status: number, error: ApiError) {
    super(error.message);
    this.name = "ApiFailure";
    this.status = status;
    this.code = error.code;
    this.hint = error.hint;
    this.problems = error.problems ?? [];
    this.details = error.details;
  }
}

const unreachable: ApiError = {
  code: "unreachable",
  message: "The server cannot be reached.",
  hint: "Check that Orderloom is running and that this computer is connected.",
};

const isApiError = (value: unknown): value is ApiError =>
  typeof value === "object" && value !== null && "code" in value && "message" in value && typeof value.message === "string";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Asks the management API below `/api/v1`; throws ApiFailure for every answer that is not a success. */
export async function request<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  token?: string,
): Promise<Answer> {
  const response = await send(method, path, body, signal, token);
  const answer = await readJson(response);
  if (response.ok) return answer as Answer;
  throw new ApiFailure(
    response.status,
    isApiError(answer)
      ? answer
      : {
          code: "unexpectedAnswer",
          message: `The server answered ${response.status} without saying why.`,
          hint: "Try again in a moment.",
        },
  );
}

async function send(
  method: Method,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
  token: string | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const init: RequestInit = { method, headers };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(`/api/v1${path}`, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFailure(0, unreachable);
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in front of a stopped server answers with a page of its own.
    throw new ApiFailure(response.ok ? 502 : response.status, unreachable);
  }
}

/** `?a=1&b=2` of what is set; empty when nothing is. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
