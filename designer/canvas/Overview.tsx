import { Panel, type ReactFlowState, useReactFlow, useStore } from "@xyflow/react";
import { memo, type PointerEvent, type RefObject, useDeferredValue, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { shallow } from "zustand/shallow";
import { around, type Box } from "./align.ts";
import classes from "./board.module.css";
import { type BoardNode, boxOf } from "./cards.ts";

/** Pixels of the overview, and the part of them that stays free at each side. */
const size = { width: 160, height: 96 };
const margin = 0.04;
/** One notch of a wheel makes this much larger or smaller. */
const notch = 1.2;

/**
 * The whole flow in a corner, and what of it is seen. React Flow's own draws an element for each node that listens to
 * every movement; here one path holds all of a colour, drawn when the hand leaves time for it.
 */
export const Overview = memo(function Overview({ nodes }: { nodes: readonly BoardNode[] }) {
  const { t } = useTranslation();
  const drawn = useDeferredValue(nodes);
  const whole = useMemo(() => around(drawn.flatMap(boxOf)), [drawn]);
  const shapes = useMemo(() => [...shapesOf(drawn)], [drawn]);
  const seen = useStore(seenBox, shallow);
  const box = fitted(around(whole ? [whole, seen] : [seen]) ?? seen);
  const svg = useRef<SVGSVGElement>(null);
  const { setCenter, getZoom } = useReactFlow();
  useWheel(svg);
  const goTo = ({ currentTarget, clientX, clientY }: PointerEvent<SVGSVGElement>) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const at = { x: (clientX - left) / width, y: (clientY - top) / height };
    void setCenter(box.x + at.x * box.width, box.y + at.y * box.height, { zoom: getZoom() });
  };
  return (
    <Panel position="bottom-right" className={classes.overview}>
      <svg
        ref={svg}
        {...size}
        viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
        role="img"
        aria-label={t("canvas.minimap")}
        data-testid="overview"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          goTo(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && goTo(event)}
      >
        {shapes.map(([color, path]) => (
          <path key={color} d={path} fill={color} />
        ))}
        <path className={classes.unseen} d={outline(box) + outline(seen)} fillRule="evenodd" />
      </svg>
    </Panel>
  );
});

/** What of the flow stands in the window. */
const seenBox = ({ transform: [x, y, zoom], width, height }: ReactFlowState): Box => ({
  x: -x / zoom,
  y: -y / zoom,
  width: width / zoom,
  height: height / zoom,
});

const outline = ({ x, y, width, height }: Box): string => `M${x} ${y}h${width}v${height}h${-width}z`;

/** All nodes of a colour as one path; frames come first and lie below. */
function shapesOf(nodes: readonly BoardNode[]): Map<string, string> {
  const paths = new Map<string, string>();
  for (const node of nodes) {
    const color = colorOf(node);
    paths.set(color, (paths.get(color) ?? "") + boxOf(node).map(outline).join(""));
  }
  return paths;
}

function colorOf(node: BoardNode): string {
  if (node.type === "card") return node.data.manifest ? `var(--ol-${node.data.manifest.category})` : "var(--ol-line-strong)";
  return node.type === "frame" ? "var(--ol-sunken)" : "var(--ol-line-strong)";
}

/** The box with its margins, in the shape of the overview. */
function fitted({ x, y, width, height }: Box): Box {
  const scale = Math.max(width / size.width, height / size.height) * (1 + 2 * margin);
  const [w, h] = [size.width * scale, size.height * scale];
  return { x: x - (w - width) / 2, y: y - (h - height) / 2, width: w, height: h };
}

/** The wheel over it makes the drawing larger or smaller; React's own listeners could not keep the page from it. */
function useWheel(svg: RefObject<SVGSVGElement | null>): void {
  const { zoomTo, getZoom } = useReactFlow();
  useEffect(() => {
    const element = svg.current;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      void zoomTo(getZoom() * (event.deltaY < 0 ? notch : 1 / notch));
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, [svg, zoomTo, getZoom]);
}
