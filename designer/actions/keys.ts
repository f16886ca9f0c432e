/** What of a key press says which key it is. */
export type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const signs: Readonly<Record<string, string>> = { "+": "Plus", "-": "Minus", " ": "Space" };

/**
 * A key press as text: `Mod+Shift+Z`, `Shift+ArrowUp`, `?`. `Mod` is Control, and Command on a Mac. Of a sign that needs
 * Shift on some keyboards and not on others, only the sign counts.
 */
export function pressed({ key, code, ctrlKey, metaKey, altKey, shiftKey }: Press): string {
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const name = shiftKey && digit ? digit : /^[a-z]$/i.test(key) ? key.toUpperCase() : (signs[key] ?? key);
  const shifted = shiftKey && (name.length > 1 || /^[A-Z0-9]$/.test(name)) && !Object.values(signs).slice(0, 2).includes(name);
  return [ctrlKey || metaKey ? "Mod" : "", altKey ? "Alt" : "", shifted ? "Shift" : "", name].filter(Boolean).join("+");
}

const shown: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Delete: "Del",
  Plus: "+",
  Minus: "−",
};

const onMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);

/** The caps of a key, as people know them: `Ctrl`, `Shift`, `Z`. */
export const caps = (key: string): string[] =>
  key.split("+").map((part) => (part === "Mod" ? (onMac() ? "⌘" : "Ctrl") : (shown[part] ?? part)));

/** The same in a sentence. */
export const keysText = (key: string): string => caps(key).join(" ");

/** The ways to press for one thing, as caps. Arrows with the same keys held are one way: `Shift`, `←`, `→`, `↑`, `↓`. */
export function waysToPress(keys: readonly string[]): string[][] {
  const ways = new Map<string, string[]>();
  for (const key of keys) {
    const held = /^(.*?)Arrow[A-Z]/.exec(key)?.[1];
    const way = ways.get(held ?? key) ?? [];
    ways.set(held ?? key, way.length === 0 ? caps(key) : [...way, ...caps(key).slice(-1)]);
  }
  return [...ways.values()];
}

/** For `aria-keyshortcuts`. */
export const ariaKeys = (keys: readonly string[]): string =>
  keys.map((key) => key.replace("Mod", onMac() ? "Meta" : "Control")).join(" ");
