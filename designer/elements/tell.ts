import { notifications, notificationsStore } from "@mantine/notifications";
import type { ReactNode } from "react";
import { ApiFailure } from "../api/client.ts";

interface Notice {
  title?: string;
  message: ReactNode;
  color?: "green" | "yellow" | "red";
  /** What makes two notices the same one; without it the words do. */
  about?: string;
  /** It goes when it is no longer true, not by itself. */
  stays?: boolean;
}

const most = 2;

/** Tells of something in passing. The same notice again takes the place of the one before; at most two stand at once. */
export function tell({ title, message, color, about, stays = false }: Notice): void {
  const id = about ?? [title, typeof message === "string" ? message : ""].join(" ");
  const serious = color === "red" ? { autoClose: 10_000, role: "alert" } : {};
  const lasting = stays ? { autoClose: false as const } : {};
  const standing = notificationsStore.getState().notifications.flatMap((one) => one.id ?? []);
  const gone = standing.includes(id) ? [id] : standing.slice(0, Math.max(0, standing.length - most + 1));
  for (const old of gone) notifications.hide(old);
  notifications.show({ id, message, ...(title ? { title } : {}), ...(color ? { color } : {}), ...serious, ...lasting });
}

/** Tells of a command that the server has refused or that never reached it. */
export function failed(error: Error): void {
  tell({ color: "red", message: error instanceof ApiFailure && error.hint ? `${error.message} ${error.hint}` : error.message });
}
