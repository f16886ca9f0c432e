import type { Flow, FlowEdge, FlowNode } from "#schemas/flow.ts";
import type { Cluster } from "./cluster.ts";

/** A flow of the given nodes, joined one after the other by their first ports. */
export const chain = (id: string, nodes: FlowNode[], slots: Flow["slots"] = []): Flow => ({
  kind: "flow",
  formatVersion: 1,
  id,
  name: id,
  slots,
  nodes,
  edges: nodes.slice(1).map(
    (node, index): FlowEdge => ({
      id: `e${index + 1}`,
      from: { node: nodes[index]?.id ?? "", port: "out" },
      to: { node: node.id, port: "in" },
    }),
  ),
});

/** A flow with edges as `from.port to.port`; `out` and `in` may be left out. */
export const graph = (id: string, nodes: FlowNode[], edges: string[], slots: Flow["slots"] = []): Flow => ({
  ...chain(id, nodes, slots),
  edges: edges.map((text, index): FlowEdge => {
    const [from = "", to = ""] = text.split(" ");
    const [source = "", out = "out"] = from.split(".");
    const [target = "", into = "in"] = to.split(".");
    return { id: `e${index + 1}`, from: { node: source, port: out }, to: { node: target, port: into } };
  }),
});

/** Makes the flow, or saves it over the one of its id, publishes it and deploys it in `dev`; throws what was refused. */
export async function deploy(cluster: Pick<Cluster, "call">, flow: Flow, change: object = {}): Promise<void> {
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await cluster.call(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const known = await cluster.call("GET", `/api/v1/flows/${flow.id}`);
  const { revision } =
    known.status === 404
      ? await must("POST", "/flows", { flow })
      : await must("PUT", `/flows/${flow.id}/draft`, { revision: known.body.revision, flow });
  const { number } = await must("POST", `/flows/${flow.id}/versions`, { revision, note: "Test" });
  await must("PUT", `/environments/dev/deployments/${flow.id}`, { version: number, state: "active", ...change });
}
