import { GraphQLError } from "graphql";
import { isObject } from "#schemas/isObject.ts";
import type { QueryCost, SimulatorLimit } from "#schemas/simulator.ts";
import { actualCost, type Query, queryOf, requestedCost } from "./queryCost.ts";
import type { SimulatedAnswer } from "./simulator.ts";
import { type Limited, type Throttle, throttle } from "./throttle.ts";

type Context = Record<string, unknown>;

/** How the expressions and templates of a simulated system are read. */
export interface Saying {
  evaluate(expression: string, context: Context): Promise<unknown>;
  headers(templates: Readonly<Record<string, string>> | undefined, context: Context): Promise<Record<string, string>>;
}

/** What expressions see as `limit`; `actual` is null where nothing was done. */
type Said = Limited & { cost: number; actual: number | null };

/** What one request may cost, and the points of which it is made. */
type Priced = { price: QueryCost; query: Query; cost: number };

/** A limit of a simulated system with the bucket that keeps it. */
export class Limit {
  readonly #declared: SimulatorLimit;
  readonly #bucket: Throttle;

  constructor(declared: SimulatorLimit, now: () => number) {
    this.#declared = declared;
    this.#bucket = throttle(declared, now);
  }

  /** The answer with what the limit says of itself; its own, where the request is one too many or costs too much. */
  async pass(context: Context, say: Saying, play: () => Promise<SimulatedAnswer>): Promise<SimulatedAnswer> {
    const priced = this.#priced(context);
    if (priced instanceof GraphQLError) {
      return { status: 400, headers: {}, body: { errors: [{ message: priced.message }] }, applied: false };
    }
    const { cost, price } = priced ?? { cost: 1, price: undefined };
    if (price && cost > price.most) return this.#refusal(price.over, { ...this.#bucket.give(0), cost }, context, say);
    const { allowed, ...limit } = this.#bucket.take(cost);
    if (!allowed) return this.#refusal(this.#declared.refuse, { ...limit, cost }, context, say);
    const answer = await play();
    if (!priced) return this.#told(answer, { ...limit, cost, actual: cost }, context, say);
    const actual = actualCost(priced.price, priced.query, isObject(answer.body) ? answer.body.data : undefined);
    return this.#told(answer, { ...this.#bucket.give(cost - actual), cost, actual }, context, say);
  }

  #priced({ body }: Context): Priced | GraphQLError | undefined {
    const price = this.#declared.cost;
    if (price === undefined) return undefined;
    try {
      const query = queryOf(body);
      return query && { price, query, cost: requestedCost(price, query) };
    } catch (raw) {
      if (raw instanceof GraphQLError) return raw;
      throw raw;
    }
  }

  async #refusal(
    { status, body }: SimulatorLimit["refuse"],
    limit: Omit<Said, "actual">,
    context: Context,
    say: Saying,
  ): Promise<SimulatedAnswer> {
    const told = { ...limit, actual: null };
    const refusal = { status, headers: {}, body: await say.evaluate(body, { ...context, limit: told }), applied: false };
    return this.#told(refusal, told, context, say);
  }

  async #told(answer: SimulatedAnswer, limit: Said, context: Context, say: Saying): Promise<SimulatedAnswer> {
    const seen = { ...context, limit };
    const headers = { ...(await say.headers(this.#declared.headers, seen)), ...answer.headers };
    if (this.#declared.body === undefined || !isObject(answer.body)) return { ...answer, headers };
    const told = await say.evaluate(this.#declared.body, { ...seen, answer: answer.body });
    return { ...answer, headers, body: { ...answer.body, ...(isObject(told) ? told : {}) } };
  }
}
