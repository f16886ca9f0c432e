import { useDebouncedCallback } from "@mantine/hooks";
import { useLayoutEffect, useRef, useState } from "react";

/** The moment after the last key in which it is still likely that another follows, in milliseconds. */
const MOMENT = 200;

interface HeldText {
  text: string;
  type: (text: string) => void;
  /** Hands on at once what waits for its moment. */
  flush: () => void;
}

/**
 * The text of a field whose value stands in the address. A change of the address comes back late: a field that showed it
 * would put an old text between two keys. So the field holds its own text, hands it on a moment after the last key, and
 * takes the address only where that says something which the field has not handed on.
 */
export function useHeldText(value: string, onChange: (text: string) => void): HeldText {
  const [text, setText] = useState(value);
  const underWay = useRef<string[]>([]);
  const handOn = useDebouncedCallback((typed: string) => {
    underWay.current.push(typed);
    onChange(typed);
  }, MOMENT);
  // Once the change is drawn for good: a drawing that another key interrupts must not count.
  useLayoutEffect(() => {
    const at = underWay.current.indexOf(value);
    underWay.current = at < 0 ? [] : underWay.current.slice(at + 1);
    if (at >= 0) return;
    handOn.cancel();
    setText(value);
  }, [value, handOn]);
  return {
    text,
    type: (typed) => {
      setText(typed);
      handOn(typed);
    },
    flush: () => handOn.isPending() && handOn.flush(),
  };
}
