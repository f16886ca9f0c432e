/** A system with a secret in each of these fields, each as it has to be written. */
interface Planted {
  connector: string;
  config: object;
  secrets: Record<string, (canary: string) => string>;
}

const asItIs = (canary: string): string => canary;
const asKey = (canary: string): string => `-----BEGIN OPENSSH PRIVATE KEY-----\n${canary}\n-----END OPENSSH PRIVATE KEY-----\n`;

/** Connections of every other transport and way to prove oneself, to whatever listens at a port. */
export function plantedSystems(port: number, baseUrl: string): Record<string, Planted> {
  const [host, accountName, user] = ["127.0.0.1", "canary", "loom"];
  const sftp = { host, port, username: user, hostKey: `SHA256:${"A".repeat(43)}` };
  const erp = { database: "loom", user, companyId: 1, partnerId: 7, currency: "USD", fallbackItem: "NONE", taxItem: "TAX" };
  const items = { marketplaceTaxItem: "M", shippingItem: "S", discountItem: "D", adjustmentItem: "A" };
  return {
    "canary-sftp": { connector: "sftp", config: sftp, secrets: { password: asItIs } },
    "canary-key": {
      connector: "sftp",
      config: { ...sftp, username: "keyed" },
      secrets: { privateKey: asKey, passphrase: asItIs },
    },
    "canary-sql": {
      connector: "sql",
      config: { accountName, dialect: "postgresql", host, port, database: "loom", user, tls: "off" },
      secrets: { password: asItIs },
    },
    "canary-mail": {
      connector: "mail",
      config: { accountName, host, port, tls: "off", from: "loom@example.com", user },
      secrets: { password: asItIs },
    },
    "canary-bearer": {
      connector: "stripe",
      config: { accountName, baseUrl },
      secrets: { apiKey: asItIs, webhookSecret: asItIs },
    },
    "canary-basic": {
      connector: "woocommerce",
      config: { shop: "canary", baseUrl },
      secrets: { consumerKey: asItIs, consumerSecret: asItIs, webhookSecret: asItIs },
    },
    "canary-session": { connector: "odoo", config: { accountName, baseUrl, ...erp, ...items }, secrets: { password: asItIs } },
    "canary-path": { connector: "slack", config: { accountName, baseUrl }, secrets: { hook: (canary) => `/services/${canary}` } },
    "canary-oauth": {
      connector: "ebay",
      config: { sellerId: "canary", baseUrl },
      secrets: { clientId: asItIs, clientSecret: asItIs, refreshToken: asItIs, signingKey: asItIs, signingKeyJwe: asItIs },
    },
  };
}
