interface TraceEvent {
  name: string;
  ph: string;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** What of it the thread had a processor for. */
  tdur?: number;
  pid: number;
  tid: number;
}

/** What Chromium's trace says of the time in it. */
export interface Frames {
  frames: number;
  framesPerSecond: number;
  /** Work of the page's main thread for each frame: at most 16.7 ms where sixty a second are to be reached. */
  mainThreadMsPerFrame: number;
  longestTaskMs: number;
}

export function framesOf(trace: string): Frames {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const main = mainThread(traceEvents);
  const drawn = traceEvents.filter(({ name }) => name === "DrawFrame").map(({ ts }) => ts);
  const tasks = traceEvents.filter(
    ({ name, ph, tid, pid }) => isTask(name) && ph === "X" && tid === main?.tid && pid === main.pid,
  );
  const busyMs = tasks.reduce((sum, { dur = 0, tdur = dur }) => sum + tdur, 0) / 1_000;
  const seconds = (Math.max(...drawn) - Math.min(...drawn)) / 1_000_000;
  const round = (value: number) => Math.round(value * 10) / 10;
  return {
    frames: drawn.length,
    framesPerSecond: drawn.length > 1 ? round((drawn.length - 1) / seconds) : 0,
    mainThreadMsPerFrame: round(busyMs / Math.max(1, drawn.length)),
    longestTaskMs: round(Math.max(0, ...tasks.map(({ dur = 0 }) => dur)) / 1_000),
  };
}

const isTask = (name: string): boolean => name === "RunTask" || name === "ThreadControllerImpl::RunTask";

/** The thread that runs the page's scripts. */
const mainThread = (events: TraceEvent[]): TraceEvent | undefined =>
  events.find(({ name }) => name === "FunctionCall") ?? events.find(({ name }) => name === "EventDispatch");
