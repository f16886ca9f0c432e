import type { Rate } from "#schemas/admission.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import { duration } from "../elements/time.ts";
import { say } from "./say.ts";

interface LimitLine {
  name: string;
  value: string;
}

/** What a connector declares of an operation's limits, a line each. */
export function limitLines(connector: Connector, name: string): LimitLine[] {
  const { concurrency, rate, hint } = connector.limits;
  const operation = Object.hasOwn(connector.operations, name) ? connector.operations[name] : undefined;
  const lines: (LimitLine | undefined)[] = [
    { name: say("limits.concurrency"), value: `${concurrency}, ${say("limits.concurrencyHint")}` },
    rateLine(say("limits.rate"), rate),
    hint && {
      name: say("limits.hint"),
      value: hint.type === "headers" ? say("limits.hintHeaders", { header: hint.remaining }) : say("limits.hintCost"),
    },
    ...(operation ? ownLines(operation) : []),
  ];
  return lines.filter((line) => line !== undefined);
}

function ownLines(operation: ConnectorOperation): (LimitLine | undefined)[] {
  const rate = "rate" in operation ? rateLine(say("limits.rateOwn"), operation.rate) : undefined;
  if (operation.transport === "poll") return [rate, pagesLine(operation.page)];
  if (operation.transport !== "http") return [rate];
  const { quietPeriodMs } = operation.idempotency;
  return [rate, quietPeriodMs === undefined ? undefined : { name: say("limits.quiet"), value: duration(quietPeriodMs) }];
}

const rateLine = (name: string, rate: Rate | undefined): LimitLine | undefined =>
  rate && { name, value: say("limits.rateText", { perSecond: rate.perSecond, burst: rate.burst }) };

type Pages = Extract<ConnectorOperation, { transport: "poll" }>["page"];

function pagesLine(page: Pages): LimitLine | undefined {
  if (!page) return undefined;
  const value = "size" in page ? say("limits.pagesSized", page) : say("limits.pagesText", { most: page.most });
  return { name: say("limits.pages"), value };
}
