import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { ApiFailure } from "../api/client.ts";

interface Notice {
  title?: string;
  message: ReactNode;
  color?: "green" | "yellow" | "red";
  /** What makes two notices the same one; without it the words do. */
  about?: string;
}

/** Tells of something in passing. The same notice is not shown twice at once. */
export function tell({ title, message, color, about }: Notice): void {
  const id = about ?? [title, typeof message === "string" ? message : ""].join(" ");
  const serious = color === "red" ? { autoClose: 10_000, role: "alert" } : {};
  notifications.show({ id, message, ...(title ? { title } : {}), ...(color ? { color } : {}), ...serious });
}

/** Tells of a command that the server has refused or that never reached it. */
export function failed(error: Error): void {
  tell({ color: "red", message: error instanceof ApiFailure && error.hint ? `${error.message} ${error.hint}` : error.message });
}
