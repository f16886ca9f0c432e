import { Group, Stack } from "@mantine/core";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./elements.module.css";

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  text?: string | undefined;
  /** The next step. */
  children?: ReactNode;
}

/** What stands where nothing is: why it is empty, and what to do next. */
export function Empty({ icon: Icon, title, text, children }: EmptyProps) {
  return (
    <div className={classes.centred}>
      <Stack gap={8} align="center" maw={440} ta="center">
        <Icon size={28} strokeWidth={1.5} color="var(--ol-dim)" aria-hidden />
        <h2 style={{ margin: 0, fontSize: 17, fontWeight: 600 }}>{title}</h2>
        {text && <p style={{ margin: 0, color: "var(--ol-dim)", lineHeight: "20px" }}>{text}</p>}
        {children && (
          <Group mt={8} justify="center">
            {children}
          </Group>
        )}
      </Stack>
    </div>
  );
}
