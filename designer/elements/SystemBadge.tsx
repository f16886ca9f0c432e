import classes from "./elements.module.css";

/** A connector's mark: a few letters on its colour, in whichever of black and white reads better. */
export function SystemBadge({ text, color: name, size = 28 }: { text: string; color: string; size?: number }) {
  const color = grounds[name] ?? name;
  return (
    <span
      className={classes.badge}
      aria-hidden
      style={{ width: size, height: size, background: color, color: inkOn(color), fontSize: size >= 28 ? 12 : 12 * (size / 28) }}
    >
      {text}
    </span>
  );
}

/** Grounds for the colour names that connectors give; white reads well on each. */
const grounds: Record<string, string> = {
  gray: "#4d5661",
  red: "#b3261e",
  pink: "#a61e5b",
  grape: "#862e9c",
  violet: "#5f3dc4",
  indigo: "#3b4fc4",
  blue: "#1a5fa8",
  cyan: "#0b6b80",
  teal: "#0a6e5c",
  green: "#2b6f35",
  lime: "#4a6b0e",
  yellow: "#7f5c00",
  orange: "#a84a08",
};

/** Black or white, by the contrast with a `#rrggbb` ground. */
export function inkOn(color: string): "#fff" | "#111" {
  const match = /^#([0-9a-f]{6})$/i.exec(color);
  if (!match?.[1]) return "#fff";
  const [red, green, blue] = [0, 2, 4].map((at) => linear(Number.parseInt((match[1] ?? "").slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.0558 ? "#fff" : "#111";
}

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
