// A Vendure in a process of its own. It is started by vendure.ts, which tells where its packages are and what it listens to:
// they stand in no node_modules of this project, so that nobody has to fetch a shop to run Orderloom.
import { createRequire } from "node:module";
import { join } from "node:path";

const { SHOP_FOLDER = "", SHOP_PORT, SHOP_DATABASE, SHOP_USER, SHOP_PASSWORD } = process.env;
const { bootstrap, DefaultLogger, dummyPaymentHandler, LogLevel } = createRequire(join(SHOP_FOLDER, "package.json"))(
  "@vendure/core",
);

await bootstrap({
  apiOptions: { hostname: "127.0.0.1", port: Number(SHOP_PORT) },
  authOptions: {
    tokenMethod: ["bearer"],
    superadminCredentials: { identifier: SHOP_USER, password: SHOP_PASSWORD },
    requireVerification: false,
  },
  dbConnectionOptions: { type: "postgres", url: SHOP_DATABASE, synchronize: true },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error, timestamp: false }),
});
