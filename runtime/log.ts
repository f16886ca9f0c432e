import { type DestinationStream, type Logger, pino } from "pino";

/** What JSON leaves as it is and a terminal or a reader of lines takes for a command: DEL, C1 controls, U+2028 and U+2029. */
const commands = /[\u007f-\u009f\u2028\u2029]/g;

const escaped = (line: string): string =>
  line.replace(commands, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The log: one line of JSON for each event, to standard error unless told otherwise, in which nothing moves a cursor. */
export function openLog(level: string, to: DestinationStream = pino.destination(2)): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => to.write(escaped(line)) },
  );
}
