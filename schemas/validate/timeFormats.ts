import { Cron } from "croner";

/** Whether the fields of a schedule can be read. */
export function isCron(text: string): boolean {
  try {
    return new Cron(text, { paused: true }) !== undefined;
  } catch {
    return false;
  }
}

const fields = [
  ["seconds", 0, 59],
  ["minutes", 0, 59],
  ["hours", 0, 23],
  ["days of the month", 1, 31],
  ["months", 1, 12],
  ["days of the week", 0, 7],
] as const;

/** What keeps the fields of a schedule from being read, as part of a sentence. */
export function cronFault(text: string): string {
  const given = text.trim().split(/\s+/);
  if (given.length < 5 || given.length > fields.length)
    return "it has five fields: minute, hour, day of the month, month and day of the week";
  const named = fields.slice(fields.length - given.length);
  for (const [index, [name, least, most]] of named.entries()) {
    const numbers = (given[index] ?? "").replaceAll(/\/\d+/g, "").match(/\d+/g) ?? [];
    const beyond = numbers.find((number) => Number(number) < least || Number(number) > most);
    if (beyond !== undefined) return `${name} go from ${least} to ${most}, and ${beyond} is none`;
  }
  return "a field is a number, a range as 1-5, a list as 1,15, a step as */5, or *";
}

/** Whether there is a time zone of that name; an empty one stands for UTC. */
export function isTimeZone(name: string): boolean {
  try {
    return name === "" || new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
