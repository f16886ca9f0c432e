import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { openReaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { openSftpFolder } from "./sftpFolder.ts";

it("leaves no socket behind where the private key cannot be read, and tells nobody what it is", async () => {
  const server = createServer((socket) => socket.resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const config = { host: "127.0.0.1", port, username: "loom", hostKey: `SHA256:${"A".repeat(43)}` };
  const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nnobody-may-read-this\n-----END OPENSSH PRIVATE KEY-----\n";
  const connection = { name: "partner", config, secrets: { privateKey } } as unknown as OpenConnection;
  const ended = once(server, "connection").then(([socket]) => once(socket as Socket, "close"));
  const refusal = await openSftpFolder(connection, [], openReaches(["127.0.0.0/8"]).of([])).catch(
    (error: Error) => error.message,
  );
  expect(refusal).toMatch(/partner/);
  expect(refusal).not.toContain("nobody-may-read-this");
  await ended;
  server.close();
});
