/** The little of Markdown that a note needs. Own, because every library brings HTML and tables, and as much code as the canvas. */

export type Span =
  | { kind: "text"; text: string }
  | { kind: "strong" | "emphasis"; spans: Span[] }
  | { kind: "code"; text: string }
  | { kind: "address"; href: string; text: string };

export type Block =
  | { kind: "heading"; spans: Span[] }
  | { kind: "paragraph"; spans: Span[] }
  | { kind: "list"; ordered: boolean; items: Span[][] };

const listItem = /^\s*(?:[-*]|(\d+)\.)\s+(.*)$/;
const heading = /^#{1,6}\s+(.*)$/;

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: string[] = [];
  const close = () => {
    if (open.length > 0) blocks.push({ kind: "paragraph", spans: spansOf(open.join("\n")) });
    open = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const title = heading.exec(line);
    const item = listItem.exec(line);
    if (!title && !item && line.trim() !== "") {
      open.push(line);
      continue;
    }
    close();
    if (title) blocks.push({ kind: "heading", spans: spansOf(title[1] ?? "") });
    if (item) addItem(blocks, item[1] !== undefined, spansOf(item[2] ?? ""));
  }
  close();
  return blocks;
}

function addItem(blocks: Block[], ordered: boolean, item: Span[]): void {
  const last = blocks.at(-1);
  if (last?.kind === "list" && last.ordered === ordered) last.items.push(item);
  else blocks.push({ kind: "list", ordered, items: [item] });
}

/** In this order: within code nothing else counts. */
const span =
  /`([^`]+)`|\*\*(.+?)\*\*(?!\*)|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"')\]]*[\w/])/;

export function spansOf(text: string): Span[] {
  const found = span.exec(text);
  if (!found) return text === "" ? [] : [{ kind: "text", text }];
  const [whole, code, strong, emphasis, words, href, bare] = found;
  const before = text.slice(0, found.index);
  return [
    ...(before === "" ? [] : [{ kind: "text" as const, text: before }]),
    spanFrom({ code, strong, emphasis, words, href: href ?? bare }),
    ...spansOf(text.slice(found.index + whole.length)),
  ];
}

function spanFrom(found: Record<"code" | "strong" | "emphasis" | "words" | "href", string | undefined>): Span {
  const { code, strong, emphasis, words, href = "" } = found;
  if (code !== undefined) return { kind: "code", text: code };
  if (strong !== undefined) return { kind: "strong", spans: spansOf(strong) };
  if (emphasis !== undefined) return { kind: "emphasis", spans: spansOf(emphasis) };
  return { kind: "address", href, text: words ?? href };
}
