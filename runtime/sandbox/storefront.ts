import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Static, Type } from "typebox";
import { Agent, request } from "undici";
import { type MadeOrder, makeShopifyOrder, signShopify } from "./shopifyOrder.ts";

/** What the made-up store sends: `POST /_sandbox/stream`. */
export const StreamOptions = Type.Object(
  {
    /** Where the webhook goes. */
    url: Type.String({ minLength: 1 }),
    /** Signs the webhooks. */
    secret: Type.String({ minLength: 1 }),
    shopDomain: Type.String({ minLength: 1 }),
    /** Time between two orders; 0 sends as fast as they are taken. */
    everyMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
    /** Stops after so many orders; without end when absent. */
    count: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Every n-th order does not add up. */
    invalidEvery: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Every n-th webhook is sent twice. */
    duplicateEvery: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Other seeds give other orders with other ids. Default: the shop's domain. */
    seed: Type.Optional(Type.String({ minLength: 1 })),
    /** Number of the first order. Default: where the last stream of this seed ended, restarts included. */
    from: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);
export type StreamOptions = Static<typeof StreamOptions>;

/** What became of one order, as the store sees it. */
export interface SentOrder extends Pick<MadeOrder, "id" | "valid" | "grand" | "currency" | "ships"> {
  number: number;
  state: "sending" | "accepted" | "refused" | "abandoned";
}

export interface StreamStatus {
  /** False once all orders have an end, or after a stop. */
  running: boolean;
  made: number;
  accepted: number;
  /** Of the accepted ones, how many do not add up. */
  invalid: number;
  /** Webhooks sent a second time and taken. */
  duplicates: number;
  /** Deliveries tried again. */
  retries: number;
  /** Orders given up after a refusal (4xx) that repeated. */
  refused: number;
  /** Orders still under way when the stream was stopped. */
  abandoned: number;
  inFlight: number;
  lastError: string | null;
}

/** As Shopify, a refusal is tried again some times before it is given up; a server that is down, until it is back. */
const REFUSALS_BEFORE_GIVING_UP = 8;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** Shopify's limit is 5 s. */
const DELIVERY_TIMEOUT_MS = 5_000;
const MOST_IN_FLIGHT = 64;
/** Numbers are reserved in blocks, so that a killed process never makes an order twice and writes little. */
const NUMBERS_PER_WRITE = 100;

const isGood = (status: number): boolean => status >= 200 && status < 300;
const comesBack = (status: number): boolean => status >= 500 || status === 429 || status === 0;
const safeName = (text: string): string => text.replace(/[^A-Za-z0-9.-]/g, "_");

/** A store that posts signed orders to a webhook until each was taken. One stream runs at a time. */
export class Storefront {
  readonly #folder: string;
  readonly #agent = new Agent({
    connections: MOST_IN_FLIGHT,
    headersTimeout: DELIVERY_TIMEOUT_MS,
    bodyTimeout: DELIVERY_TIMEOUT_MS,
  });
  #stop = new AbortController();
  #orders: SentOrder[] = [];
  #counts = { duplicates: 0, retries: 0 };
  #inFlight = new Set<Promise<void>>();
  #lastError: string | null = null;
  #running: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  status(): StreamStatus {
    const inState = (state: SentOrder["state"]): SentOrder[] => this.#orders.filter((order) => order.state === state);
    const accepted = inState("accepted");
    return {
      running: this.#running !== undefined,
      made: this.#orders.length,
      accepted: accepted.length,
      invalid: accepted.filter(({ valid }) => !valid).length,
      ...this.#counts,
      refused: inState("refused").length,
      abandoned: inState("abandoned").length,
      inFlight: this.#inFlight.size,
      lastError: this.#lastError,
    };
  }

  orders(): SentOrder[] {
    return this.#orders;
  }

  /** Throws when a stream is running. */
  async start(options: StreamOptions): Promise<StreamStatus> {
    if (this.#running) throw new Error("A stream is running already; stop it with DELETE /_sandbox/stream first.");
    this.#stop = new AbortController();
    this.#orders = [];
    this.#counts = { duplicates: 0, retries: 0 };
    this.#lastError = null;
    this.#running = this.#run(options)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#lastError = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.status();
  }

  async stop(): Promise<StreamStatus> {
    this.#stop.abort();
    await this.#running;
    await Promise.allSettled(this.#inFlight);
    return this.status();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#agent.close();
  }

  async #run(options: StreamOptions): Promise<void> {
    const first = options.from ?? (await this.#nextNumber(options));
    const last = options.count === undefined ? Number.MAX_SAFE_INTEGER : first + options.count - 1;
    for (let number = first, reserved = first; number <= last; number += 1) {
      if (number >= reserved) {
        reserved = number + NUMBERS_PER_WRITE;
        await this.#reserve(options, Math.min(reserved, last + 1));
      }
      while (this.#inFlight.size >= MOST_IN_FLIGHT) await Promise.race(this.#inFlight);
      this.#stop.signal.throwIfAborted();
      const sending = this.#send(options, number).finally(() => this.#inFlight.delete(sending));
      this.#inFlight.add(sending);
      if (number < last && options.everyMs > 0) await sleep(options.everyMs, undefined, { signal: this.#stop.signal });
    }
    await Promise.all(this.#inFlight);
  }

  async #send(options: StreamOptions, number: number): Promise<void> {
    const invalid = options.invalidEvery !== undefined && number % options.invalidEvery === 0;
    const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const order = makeShopifyOrder(options.seed ?? options.shopDomain, number, { at, invalid });
    const { id, valid, grand, currency, ships } = order;
    const sent: SentOrder = { number, id, valid, grand, currency, ships, state: "sending" };
    this.#orders.push(sent);
    sent.state = await this.#deliver(options, order);
    if (sent.state !== "accepted" || options.duplicateEvery === undefined || number % options.duplicateEvery !== 0) return;
    if ((await this.#deliver(options, order)) === "accepted") this.#counts.duplicates += 1;
  }

  async #deliver(options: StreamOptions, order: MadeOrder): Promise<"accepted" | "refused" | "abandoned"> {
    const headers = {
      "content-type": "application/json",
      "user-agent": "Shopify-Captain-Hook",
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": options.shopDomain,
      "x-shopify-api-version": "2026-07",
      "x-shopify-hmac-sha256": signShopify(order.body, options.secret),
      "x-shopify-event-id": order.eventId,
      "x-shopify-webhook-id": order.webhookId,
      "x-shopify-triggered-at": new Date().toISOString(),
    };
    let refusals = 0;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      const status = await this.#post(options.url, headers, order.body);
      if (isGood(status)) return "accepted";
      if (!comesBack(status)) refusals += 1;
      if (refusals >= REFUSALS_BEFORE_GIVING_UP) return "refused";
      if (this.#stop.signal.aborted) return "abandoned";
      this.#counts.retries += 1;
      await sleep(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return "abandoned";
    }
  }

  /** The answer's status; 0 when there was none. */
  async #post(url: string, headers: Record<string, string>, body: string): Promise<number> {
    try {
      const answer = await request(url, { method: "POST", headers, body, dispatcher: this.#agent });
      const text = await answer.body.text();
      if (!isGood(answer.statusCode)) this.#lastError = `${answer.statusCode} ${text.slice(0, 300)}`;
      return answer.statusCode;
    } catch (raw) {
      this.#lastError = raw instanceof Error ? raw.message : String(raw);
      return 0;
    }
  }

  #counterFile({ seed, shopDomain }: StreamOptions): string {
    return join(this.#folder, `storefront-${safeName(seed ?? shopDomain)}.json`);
  }

  async #nextNumber(options: StreamOptions): Promise<number> {
    try {
      const { next } = JSON.parse(await readFile(this.#counterFile(options), "utf8")) as { next?: unknown };
      return typeof next === "number" ? next : 1;
    } catch (raw) {
      if ((raw as NodeJS.ErrnoException).code === "ENOENT") return 1;
      throw raw;
    }
  }

  async #reserve(options: StreamOptions, next: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#counterFile(options), `${JSON.stringify({ next })}\n`);
  }
}
