import { createElement, Fragment, type ReactNode } from "react";
import { type Block, blocksOf, type Span } from "./markdown.ts";

/** A note's text as it is to be read. Its parts have no names: they are given as arguments, which need no keys. */
export const NoteText = ({ text }: { text: string }) => createElement(Fragment, null, ...blocksOf(text).map(blockView));

function blockView(block: Block): ReactNode {
  if (block.kind === "list") {
    const items = block.items.map((item) => createElement("li", null, ...item.map(spanView)));
    return createElement(block.ordered ? "ol" : "ul", null, ...items);
  }
  return createElement(block.kind === "heading" ? "h4" : "p", null, ...block.spans.map(spanView));
}

function spanView(span: Span): ReactNode {
  switch (span.kind) {
    case "text":
      return span.text;
    case "code":
      return <code>{span.text}</code>;
    case "strong":
      return createElement("strong", null, ...span.spans.map(spanView));
    case "emphasis":
      return createElement("em", null, ...span.spans.map(spanView));
    case "address":
      return (
        <a href={span.href} target="_blank" rel="noreferrer" className="nodrag">
          {span.text}
        </a>
      );
  }
}
