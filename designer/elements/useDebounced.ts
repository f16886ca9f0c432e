import { useDebouncedValue } from "@mantine/hooks";

/** What is searched for, a moment after the last key. */
export function useDebounced<Value>(value: Value): Value {
  const [settled] = useDebouncedValue(value, 250);
  return settled;
}
