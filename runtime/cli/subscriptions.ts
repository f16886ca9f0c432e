import type { Command } from "commander";
import type { WebhookSubscription, WebhookSubscriptions } from "#schemas/webhookSubscription.ts";
import { type Report, table } from "./output.ts";
import { ask, type Done, lines, mustAsk, type ServerOptions, urlOption } from "./server.ts";

interface SubscriptionOptions extends ServerOptions {
  environment: string;
}

/** Commands about the webhook subscriptions of a running server. */
export function subscriptionCommands(root: Command, show: (report: Report) => void): void {
  const subscriptions = root
    .command("subscriptions")
    .description("what stands at other systems so that they send their webhooks here, on a running server");
  const of = (name: string, description: string): Command =>
    subscriptions
      .command(name)
      .description(description)
      .requiredOption("--environment <id>", "whose subscriptions")
      .option(...urlOption)
      .option("--json", "print JSON for machines");
  of("list", "each source that is subscribed to, and whether it is; fails while one is not").action(
    async (options: SubscriptionOptions) => show(await listSubscriptions(options)),
  );
  of("retry", "look at them at once")
    .argument("<id...>", "subscriptions")
    .action(async (ids: string[], options: SubscriptionOptions) => show(await onEach("retry", ids, options)));
  of("forget", "give up what could not be taken out of a system that is not reached any more")
    .argument("<id...>", "subscriptions")
    .action(async (ids: string[], options: SubscriptionOptions) => show(await onEach("forget", ids, options)));
}

const pathOf = (environment: string): string => `/environments/${encodeURIComponent(environment)}/subscriptions`;

async function listSubscriptions(options: SubscriptionOptions): Promise<Report> {
  const { items } = await mustAsk<WebhookSubscriptions>(options, "GET", pathOf(options.environment));
  const ok = items.every(({ wanted, state }) => wanted && state === "standing");
  const rows = items.map((each) => [each.id, `${each.flow} ${each.node}`, each.connection, stateOf(each), reasonOf(each)]);
  const text = items.length === 0 ? "No source is subscribed to." : table(["id", "source", "connection", "state", "why"], rows);
  return { ok, text, json: { ok, items } };
}

const stateOf = ({ wanted, state }: WebhookSubscription): string => (wanted ? state : `${state}, not wanted any more`);
const reasonOf = ({ lastError }: WebhookSubscription): string =>
  lastError === null ? "" : [lastError.reason.message, lastError.reason.hint ?? ""].join(" ").trim();

async function onEach(verb: "retry" | "forget", ids: string[], options: SubscriptionOptions): Promise<Report> {
  const done: Done[] = [];
  for (const id of ids) {
    const { ok, said } = await ask(options, "POST", `${pathOf(options.environment)}/${encodeURIComponent(id)}/${verb}`);
    done.push({ id, ok, said: ok ? (verb === "retry" ? "It is looked at." : "Forgotten.") : said });
  }
  const ok = done.every((each) => each.ok);
  return { ok, text: lines(done), json: { ok, subscriptions: done } };
}
