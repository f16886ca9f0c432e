/** What stands on the board: a node under its own id, a note and a group under ids that no node can have. */
export type Standing = { kind: "node" | "note" | "group"; id: string };

export const boardId = ({ kind, id }: Standing): string => (kind === "node" ? id : `${kind}:${id}`);

export function standingOf(board: string): Standing {
  const [kind, id] = board.split(":");
  return id !== undefined && (kind === "note" || kind === "group") ? { kind, id } : { kind: "node", id: board };
}

/** The ids of each kind. */
export function sorted(ids: readonly string[]): { nodes: string[]; notes: string[]; groups: string[] } {
  const of = (kind: Standing["kind"]) => ids.map(standingOf).flatMap((one) => (one.kind === kind ? [one.id] : []));
  return { nodes: of("node"), notes: of("note"), groups: of("group") };
}

/** A port of a node inside a folded group, as a port of the group's card. */
export const foldedPort = (node: string, port: string): string => `${node}/${port}`;

/** The node and port that an end of a line on the board stands for. */
export function portRef(board: string, handle: string): { node: string; port: string } {
  const [node, port] = handle.split("/");
  return node !== undefined && port !== undefined ? { node, port } : { node: board, port: handle };
}
