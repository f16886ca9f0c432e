import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const loom: MantineColorsTuple = [
  "#eceffc",
  "#d5dbf7",
  "#b4bff0",
  "#98a5fa",
  "#7485e6",
  "#5567d6",
  "#4054c8",
  "#3747ae",
  "#2d3b92",
  "#222d73",
];

const dark: MantineColorsTuple = [
  "#e6e8eb",
  "#c6ccd3",
  "#9ea7b2",
  "#6d7682",
  "#363c43",
  "#2c3137",
  "#1b1e21",
  "#131517",
  "#0f1113",
  "#0a0b0c",
];

/** Three sizes of type, an 8-pixel grid, one accent; dense controls by default. */
export const themeWith = (labels: { close: string }) =>
  createTheme({
    fontFamily: '"Inter Variable", Inter, system-ui, sans-serif',
    fontFamilyMonospace: "var(--ol-mono)",
    fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "17px", xl: "17px" },
    spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
    headings: { fontWeight: "600", sizes: { h1: { fontSize: "17px" }, h2: { fontSize: "13px" }, h3: { fontSize: "13px" } } },
    defaultRadius: "sm",
    radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
    colors: { loom, dark },
    primaryColor: "loom",
    primaryShade: { light: 6, dark: 5 },
    cursorType: "pointer",
    respectReducedMotion: true,
    components: {
      Button: { defaultProps: { size: "xs", fw: 500 } },
      ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "md" } },
      InputWrapper: { defaultProps: { size: "xs" }, styles: { description: { fontSize: "12px" }, label: { fontWeight: 500 } } },
      Input: { defaultProps: { size: "xs" } },
      TextInput: { defaultProps: { size: "xs" } },
      NumberInput: { defaultProps: { size: "xs" } },
      Textarea: { defaultProps: { size: "xs" } },
      Select: { defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 0 } } } },
      MultiSelect: { defaultProps: { size: "xs" } },
      TagsInput: { defaultProps: { size: "xs" } },
      Autocomplete: { defaultProps: { size: "xs" } },
      Switch: { defaultProps: { size: "xs" }, styles: { description: { fontSize: "12px" } } },
      Checkbox: { defaultProps: { size: "xs" } },
      Notification: {
        defaultProps: { closeButtonProps: { "aria-label": labels.close } },
        styles: { description: { color: "var(--ol-dim)" } },
      },
      Menu: {
        defaultProps: {
          transitionProps: { duration: 80 },
          shadow: "md",
          withinPortal: true,
          // Caught on its way down: the canvas keeps a press to itself.
          clickOutsideCapture: true,
          // The first entry takes the focus: what Mantine puts before it is no entry, and may not stand in a menu.
          withInitialFocusPlaceholder: false,
        },
      },
      Modal: {
        styles: { title: { fontWeight: 600 } },
        defaultProps: { transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.35 } },
      },
      Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12, highlightOnHover: true } },
    },
  });

/** Mantine's own variables follow ours, so that both kinds of surfaces agree. */
export const variables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--ol-surface)",
    "--mantine-color-text": "var(--ol-text)",
    "--mantine-color-dimmed": "var(--ol-dim)",
    "--mantine-color-placeholder": "var(--ol-dim)",
    "--mantine-color-default": "var(--ol-surface)",
    "--mantine-color-default-hover": "var(--ol-hover)",
    "--mantine-color-default-border": "var(--ol-line-strong)",
    "--mantine-color-error": "var(--ol-failed)",
    "--mantine-color-anchor": "var(--ol-accent)",
  };
  return { variables: {}, light: shared, dark: shared };
};
