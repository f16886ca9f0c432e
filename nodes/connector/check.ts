import {
  Connector,
  type ConnectorAuth,
  type ErrorRule,
  type HttpOperation,
  type RequestTemplate,
  type WebhookOperation,
} from "#schemas/connector.ts";
import { pointerOf } from "#schemas/pointer.ts";
import type { Problem } from "#schemas/problem.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { checkExpression, type ExpressionCheck } from "../expression/expression.ts";
import { toExpressionError } from "../expression/expressionError.ts";
import { checkTemplate, plainPathTemplate } from "../expression/template.ts";

/** What stands beside a connector file. */
export interface ConnectorFiles {
  /** Text of `.jsonata` files by name. */
  mappings: Readonly<Record<string, string>>;
  /** Names of the files in `samples/`; not checked when absent. */
  samples?: readonly string[];
}

type Report = (code: string, pointer: string, message: string, more?: Partial<Pick<Problem, "severity" | "position">>) => void;

/** Checks of one connector, each reporting at a JSON pointer into the file. */
interface Checks {
  report: Report;
  files: ConnectorFiles;
  expression: (text: string | undefined, pointer: string) => void;
  template: (text: string | undefined, pointer: string) => void;
  /** Only plain paths that start with one of `roots`. */
  paths: (text: string | undefined, pointer: string, roots: readonly string[]) => void;
}

function checksFor(report: Report, files: ConnectorFiles): Checks {
  const tell = (check: ExpressionCheck, pointer: string, what: string): void => {
    if (check.ok) return;
    const at = check.position === undefined ? "" : ` at character ${check.position}`;
    report("connector.expression", pointer, `The ${what} at ${pointer} cannot be read${at}: ${check.message}`, {
      ...(check.position === undefined ? {} : { position: check.position }),
    });
  };
  return {
    report,
    files,
    expression: (text, pointer) => text !== undefined && tell(checkExpression(text), pointer, "expression"),
    template: (text, pointer) => text !== undefined && tell(checkTemplate(text), pointer, "template"),
    paths: (text, pointer, roots) => {
      if (text === undefined) return;
      try {
        const wrong = plainPathTemplate(text).paths.find((path) => !roots.includes(path.split(".")[0] ?? ""));
        if (wrong !== undefined)
          report("connector.path", pointer, `The path "${wrong}" at ${pointer} must start with ${roots.join(" or ")}.`);
      } catch (raw) {
        report("connector.path", pointer, `The template at ${pointer} cannot be read: ${toExpressionError(raw).message}`);
      }
    },
  };
}

function checkAuth(auth: ConnectorAuth, checks: Checks): void {
  const { type: _type, ...parts } = auth;
  for (const [name, value] of Object.entries(parts)) {
    if (name !== "header" && name !== "signature") checks.paths(String(value), pointerOf("auth", name), ["config", "secrets"]);
  }
}

function checkRules(rules: readonly ErrorRule[], pointer: string, checks: Checks): void {
  for (const [index, rule] of rules.entries()) {
    for (const part of ["when", "message", "retryAfter"] as const) checks.expression(rule[part], `${pointer}/${index}/${part}`);
  }
}

function checkMap(map: Readonly<Record<string, string>> | undefined, pointer: string, checks: Checks): void {
  for (const [name, text] of Object.entries(map ?? {})) checks.template(text, `${pointer}${pointerOf(name)}`);
}

function checkRequest(request: RequestTemplate, pointer: string, checks: Checks): void {
  checks.template(request.path, `${pointer}/path`);
  checkMap(request.query, `${pointer}/query`, checks);
  checkMap(request.headers, `${pointer}/headers`, checks);
  checks.expression(request.body, `${pointer}/body`);
  const file = request.bodyFile;
  if (file === undefined) return;
  const text = Object.hasOwn(checks.files.mappings, file) ? checks.files.mappings[file] : undefined;
  if (text === undefined)
    checks.report(
      "connector.noMapping",
      `${pointer}/bodyFile`,
      `The file ${file} that ${pointer}/bodyFile names is not beside the connector.`,
    );
  checks.expression(text, `${pointer}/bodyFile`);
}

function checkHttp(operation: HttpOperation, pointer: string, checks: Checks): void {
  const { idempotency } = operation;
  checkRequest(operation.request, `${pointer}/request`, checks);
  for (const part of ["documentKey", "success", "result"] as const) checks.expression(operation[part], `${pointer}/${part}`);
  checkRules(operation.errors ?? [], `${pointer}/errors`, checks);
  if (idempotency.lookup) {
    checkRequest(idempotency.lookup.request, `${pointer}/idempotency/lookup/request`, checks);
    checks.expression(idempotency.lookup.found, `${pointer}/idempotency/lookup/found`);
  }
  if (idempotency.mode === "lookup" && !idempotency.lookup) {
    checks.report("connector.noLookup", `${pointer}/idempotency`, `${pointer} has idempotency "lookup", but no lookup to ask.`);
  }
  if (operation.kind === "sink" && operation.documentKey === undefined) {
    checks.report(
      "connector.noDocumentKey",
      pointer,
      `${pointer} writes, but has no documentKey, without which nothing could be kept from being posted twice.`,
    );
  }
}

function checkWebhook(operation: WebhookOperation, pointer: string, checks: Checks): void {
  const roots = ["headers", "body"];
  for (const [index, text] of operation.dedupeKey.entries()) checks.paths(text, `${pointer}/dedupeKey/${index}`, roots);
  checks.paths(operation.documentKey, `${pointer}/documentKey`, roots);
  checks.paths(operation.documentVersion, `${pointer}/documentVersion`, roots);
  if (operation.verify.type === "hmac") checks.paths(operation.verify.secret, `${pointer}/verify/secret`, ["secrets", "config"]);
}

function checkSamples(names: readonly string[], pointer: string, { files, report }: Checks): void {
  for (const [index, name] of names.entries()) {
    if (!files.samples || files.samples.includes(name)) continue;
    report("connector.noSample", `${pointer}/${index}`, `The sample ${name} that ${pointer} names does not exist in samples/.`, {
      severity: "warning",
    });
  }
}

function checkParts(connector: Connector, checks: Checks): void {
  checks.paths(connector.baseUrl, "/baseUrl", ["config"]);
  checks.paths(connector.systemAccount, "/systemAccount", ["config"]);
  checkAuth(connector.auth, checks);
  checkMap(connector.headers, "/headers", checks);
  checkRules(connector.errors, "/errors", checks);
  for (const [name, operation] of Object.entries(connector.operations)) {
    const pointer = pointerOf("operations", name);
    if (operation.transport === "http") checkHttp(operation, pointer, checks);
    else checkWebhook(operation, pointer, checks);
    checkSamples(operation.samples, `${pointer}/samples`, checks);
  }
}

function checkSimulator(connector: Connector, checks: Checks): void {
  for (const [index, route] of (connector.simulator?.routes ?? []).entries()) {
    const pointer = pointerOf("simulator", "routes", index);
    checks.expression(route.when, `${pointer}/when`);
    for (const [at, refusal] of (route.refuse ?? []).entries()) {
      checks.expression(refusal.when, `${pointer}/refuse/${at}/when`);
      checks.expression(refusal.body, `${pointer}/refuse/${at}/body`);
    }
    for (const part of ["key", "record", "amount"] as const) checks.expression(route.ledger?.[part], `${pointer}/ledger/${part}`);
    checkMap(route.respond.headers, `${pointer}/respond/headers`, checks);
    checks.expression(route.respond.body, `${pointer}/respond/body`);
  }
}

/** Everything that is wrong with a connector file, a sentence for each with its place; it can be used when no error is among them. */
export function connectorProblems(connector: unknown, files: ConnectorFiles): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (code, pointer, message, more) => problems.push({ code, severity: "error", pointer, message, ...more });
  const shape = checkAgainst(Connector, connector);
  if (!shape.ok) throw new Error(`The schema of connectors cannot be used: ${shape.message}`);
  for (const { pointer, subject, predicate, keyword } of shape.faults) {
    report(`connector.${keyword}`, pointer, `${subject === "" ? "The connector" : subject} ${predicate}.`);
  }
  if (shape.faults.length > 0) return problems;
  const checks = checksFor(report, files);
  checkParts(connector as Connector, checks);
  checkSimulator(connector as Connector, checks);
  return problems;
}
