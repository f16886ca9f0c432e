import { type MantineTheme, type MantineThemeOverride, MantineThemeProvider, useMantineTheme } from "@mantine/core";
import { createContext, type ReactNode, use } from "react";
import classes from "./elements.module.css";

/** The theme around fields that are to be read; null among others. */
const ReadOnlyContext = createContext<MantineTheme | null>(null);

/** For what Mantine's properties do not reach, and for what only edits: it is left out. */
export const useReadOnly = (): boolean => use(ReadOnlyContext) !== null;

const held = { readOnly: true, "aria-readonly": true };
/** Mantine opens a list all the same, though nobody sees it. */
const shut = { ...held, dropdownOpened: false };

const typed = ["TextInput", "Textarea", "NumberInput", "JsonInput", "SegmentedControl", "Switch", "Checkbox"];
const listed = ["Select", "MultiSelect", "TagsInput", "Autocomplete"];

const each = (names: readonly string[], defaultProps: Readonly<Record<string, boolean>>) =>
  Object.fromEntries(names.map((name) => [name, { defaultProps }]));

const theme: MantineThemeOverride = {
  components: { ...each(typed, held), ...each(listed, shut), ...each(["Button", "ActionIcon"], { disabled: true }) },
};

/** Fields that are to be read: the keys reach their values, which can be selected, copied and heard; nothing changes them. */
export function ReadOnly({ on, children }: { on: boolean; children: ReactNode }) {
  const around = useMantineTheme();
  if (!on) return children;
  return (
    <ReadOnlyContext value={around}>
      <MantineThemeProvider theme={theme}>
        <div className={classes.readOnly}>{children}</div>
      </MantineThemeProvider>
    </ReadOnlyContext>
  );
}

/** What changes only what is seen, and so works among fields that are to be read. */
export function LooksOnly({ children }: { children: ReactNode }) {
  const around = use(ReadOnlyContext);
  if (!around) return children;
  return (
    <MantineThemeProvider theme={around} inherit={false}>
      {children}
    </MantineThemeProvider>
  );
}
