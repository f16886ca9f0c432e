import type { Known } from "./operation.fixture.ts";

/** A connection of each general connector, with the settings that its address is made of. */
export const general: Record<string, Known> = {
  http: { config: { accountName: "pricing", baseUrl: "http://127.0.0.1:9" }, secrets: { key: "Bearer token" } },
  graphql: { config: { accountName: "catalog", baseUrl: "http://127.0.0.1:9" }, secrets: { key: "Bearer token" } },
  sql: { config: { accountName: "warehouse", dialect: "postgresql" }, secrets: { password: "password" } },
  mail: { config: { accountName: "alerts", from: "orders@example.com" }, secrets: {} },
  events: { config: { bus: "orders" }, secrets: {} },
  slack: { config: { accountName: "ops", baseUrl: "http://127.0.0.1:9" }, secrets: { hook: "/services/T/B/secret" } },
  teams: { config: { accountName: "ops", baseUrl: "http://127.0.0.1:9" }, secrets: { hook: "/workflows/1?sig=secret" } },
  files: { config: { folder: "partner" }, secrets: {} },
  sftp: { config: { host: "127.0.0.1", username: "partner" }, secrets: { password: "password" } },
};
