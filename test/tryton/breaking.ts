import type { Cluster } from "../support/cluster.ts";
import type { CuttableProxy } from "../support/cuttableProxy.ts";
import { until } from "../support/until.ts";
import type { Tryton } from "./server.ts";

/** Before each third kill, what Tryton answers is lost as well. */
const LOSES = 3;
/** Without answers nothing comes to be sold that was not about to be. */
const SILENCE_MS = 2_000;

interface Breakable {
  tryton: Tryton;
  companyId: number;
  /** Through which the product reaches Tryton. */
  proxy: CuttableProxy;
  cluster: Cluster;
  workers: number;
}

export interface Breaking {
  /** How many sales Tryton has. */
  sold(): Promise<number>;
  moreThan(count: number): Promise<boolean>;
  /** Tryton books something whose answer never comes back. Orders have to be under way, some more for each vain attempt. */
  loseAnswers(): Promise<void>;
  /** Ends workers in turn, one for so many more sales, so that many end with a request under way; gives how many. */
  killWhileSelling(orders: number, salesPerKill: number): Promise<number>;
}

/** Breaks what is between a flow and Tryton while it sells. */
export function breaking({ tryton, companyId, proxy, cluster, workers }: Breakable): Breaking {
  const sold = async () => (await tryton.call("model.sale.sale.search_count", [], { company: companyId })) as number;
  const moreThan = (count: number) =>
    until(async () => (await sold()) > count, { timeoutMs: 180_000, everyMs: 25, what: `more than ${count} sales` });
  const loseAnswers = async (): Promise<void> => {
    const before = await sold();
    const more = async () => (await sold()) > before;
    proxy.freeze("answers");
    const lost = await until(more, { timeoutMs: SILENCE_MS, everyMs: 25 }).catch(() => false);
    await proxy.cut();
    proxy.thaw();
    await proxy.mend();
    if (lost) return;
    await moreThan(before);
    await loseAnswers();
  };
  return {
    sold,
    moreThan,
    loseAnswers,
    async killWhileSelling(orders, salesPerKill) {
      let kills = 0;
      for (let next = salesPerKill; next < orders; next += salesPerKill) {
        await moreThan(next - 1);
        if (kills % LOSES === LOSES - 1) await loseAnswers();
        await cluster.killWorker(kills % workers);
        kills += 1;
      }
      return kills;
    },
  };
}
