import {
  cloneElement,
  type FocusEvent,
  type HTMLAttributes,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import { beside } from "./beside.ts";
import classes from "./elements.module.css";

/** A pointer that only passes by asks nothing. */
const REST_MS = 350;

interface HintProps {
  /** Absent: nothing is said. */
  label: ReactNode | undefined;
  /** In pixels; a longer text takes lines. Absent: one line. */
  width?: number;
  /** Said also on focus and touch: for what can only be learnt here. */
  always?: boolean;
  children: ReactElement<HTMLAttributes<HTMLElement>>;
}

/**
 * What is said of an element while the pointer rests on it. A page has dozens and shows one at most: each costs its
 * listeners until then. The component library's own brings 20 kB to the first page, and places each before it is seen.
 */
export function Hint({ label, width, always = false, children }: HintProps) {
  const id = useId();
  const [over, setOver] = useState<HTMLElement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = (element: HTMLElement, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOver(element), afterMs);
  };
  const hide = () => {
    clearTimeout(timer.current);
    setOver(null);
  };
  const { onPointerEnter, onPointerLeave, onFocus, onBlur } = children.props;
  const told = over !== null && label !== undefined;
  return (
    <>
      {cloneElement(children, {
        onPointerEnter: (event: PointerEvent<HTMLElement>) => {
          onPointerEnter?.(event);
          if (event.pointerType !== "touch" || always) show(event.currentTarget, REST_MS);
        },
        onPointerLeave: (event: PointerEvent<HTMLElement>) => {
          onPointerLeave?.(event);
          hide();
        },
        onFocus: (event: FocusEvent<HTMLElement>) => {
          onFocus?.(event);
          if (always && event.currentTarget.matches(":focus-visible")) show(event.currentTarget, 0);
        },
        onBlur: (event: FocusEvent<HTMLElement>) => {
          onBlur?.(event);
          hide();
        },
        ...(told ? { "aria-describedby": id } : {}),
      })}
      {told && (
        <Bubble id={id} over={over} width={width} onGone={hide}>
          {label}
        </Bubble>
      )}
    </>
  );
}

interface BubbleProps {
  id: string;
  over: HTMLElement;
  width: number | undefined;
  onGone: () => void;
  children: ReactNode;
}

function Bubble({ id, over, width, onGone, children }: BubbleProps) {
  const self = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!self.current) return;
    const window = { width: document.documentElement.clientWidth, height: document.documentElement.clientHeight };
    const { left, top } = beside(over.getBoundingClientRect(), self.current.getBoundingClientRect(), window);
    self.current.style.translate = `${left}px ${top}px`;
  });
  const gone = useRef(onGone);
  gone.current = onGone;
  useEffect(() => {
    const leave = () => gone.current();
    const key = (event: KeyboardEvent) => event.key === "Escape" && leave();
    window.addEventListener("scroll", leave, { capture: true, passive: true });
    window.addEventListener("keydown", key, true);
    return () => {
      window.removeEventListener("scroll", leave, { capture: true });
      window.removeEventListener("keydown", key, true);
    };
  }, []);
  const lines = width === undefined ? {} : { maxWidth: width, whiteSpace: "normal" as const };
  return createPortal(
    <div ref={self} id={id} role="tooltip" className={classes.hint} style={lines}>
      {children}
    </div>,
    document.body,
  );
}
