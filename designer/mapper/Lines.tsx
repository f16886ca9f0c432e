import { useLayoutEffect, useRef, useState } from "react";
import { curve, type Link, linesBetween, type Side } from "./lines.ts";
import classes from "./Panes.module.css";

interface LinesProps {
  links: readonly Link[];
  source: Side;
  target: Side;
  /** Keys of fields whose lines stand out. */
  lit: { source: string | undefined; target: string | undefined };
}

/** The lines between both trees; they follow what is scrolled and folded. For the eye only: the rows say the same. */
export function Lines({ links, source, target, lit }: LinesProps) {
  const box = useRef<SVGSVGElement>(null);
  const { width, height } = useSize(box);
  const lines = linesBetween(links, source, target, height);
  const isLit = ({ from, to }: Link) => from === lit.source || to === lit.target;
  const ordered = lines.toSorted((a, b) => Number(isLit(a.link)) - Number(isLit(b.link)));
  return (
    <svg ref={box} className={classes.lines} aria-hidden data-testid="mapping-lines">
      {ordered.map(({ id, link, y1, y2, loose }) => (
        <path
          key={id}
          d={curve(y1, y2, width)}
          data-suggested={link.suggested || undefined}
          data-loose={loose || undefined}
          data-lit={isLit(link) || undefined}
          data-from={link.from}
          data-to={link.to}
        />
      ))}
    </svg>
  );
}

function useSize(box: { current: SVGSVGElement | null }) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return size;
}
