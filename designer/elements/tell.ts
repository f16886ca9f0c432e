import { notifications } from "@mantine/notifications";
import { ApiFailure } from "../api/client.ts";

/** Tells of a command that the server has refused or that never reached it. */
export function failed(error: Error): void {
  const message = error instanceof ApiFailure && error.hint ? `${error.message} ${error.hint}` : error.message;
  notifications.show({ color: "red", message, autoClose: 10_000, role: "alert" });
}
