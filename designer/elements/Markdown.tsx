import { compiler } from "markdown-to-jsx/react";
import { Children, type ComponentProps, isValidElement, type ReactNode, useMemo } from "react";
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

/** The words of a part, as they are read. */
const wordsOf = (part: ReactNode): string =>
  Children.toArray(part)
    .map((one) => (isValidElement<{ children?: ReactNode }>(one) ? wordsOf(one.props.children) : String(one)).trim())
    .filter((words) => words !== "")
    .join(" ");

/** As much of a table without a head as tells it from the others of its page. */
const NAME_LENGTH = 60;

/** A table that is moved sideways by keyboard too; it is called by its head, so that each of a page has a name of its own. */
function WideTable({ children }: ComponentProps<"table">) {
  const [head] = Children.toArray(children);
  const name = wordsOf(head) || wordsOf(children).slice(0, NAME_LENGTH);
  return (
    <section className={classes.table} aria-label={name} {...focusable}>
      <table>{children}</table>
    </section>
  );
}
