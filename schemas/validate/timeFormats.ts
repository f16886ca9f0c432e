import { Cron } from "croner";

/** Whether the fields of a schedule can be read. */
export function isCron(text: string): boolean {
  try {
    return new Cron(text, { paused: true }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether there is a time zone of that name; an empty one stands for UTC. */
export function isTimeZone(name: string): boolean {
  try {
    return name === "" || new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
