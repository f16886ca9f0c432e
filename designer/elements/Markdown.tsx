import { compiler } from "markdown-to-jsx/react";
import { type ComponentProps, useMemo } from "react";
import classes from "./markdown.module.css";

/** A page in Markdown, for those who load it lazily. HTML in it stays text, and an address that is no web page is no link. */
export default function Markdown({ text }: { text: string }) {
  const shown = useMemo(
    () =>
      compiler(text, {
        disableParsingRawHTML: true,
        disableAutoLink: true,
        forceBlock: true,
        overrides: { a: { component: WebLink }, img: { component: NoPicture }, table: { component: WideTable } },
      }),
    [text],
  );
  return <div className={classes.page}>{shown}</div>;
}

/** Ways to other files of the repository lead nowhere here: their words stay. */
function WebLink({ href, children }: ComponentProps<"a">) {
  if (!href || !/^https?:\/\//i.test(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** Nothing is asked of another server by looking at a page. */
const NoPicture = ({ alt }: ComponentProps<"img">) => <span>{alt}</span>;

const focusable = { tabIndex: 0 };

function WideTable({ children }: ComponentProps<"table">) {
  return (
    <section className={classes.table} aria-label="table" {...focusable}>
      <table>{children}</table>
    </section>
  );
}
