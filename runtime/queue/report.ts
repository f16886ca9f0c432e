/** Told about a problem of the queue and the queue's name; nothing is expected of it. */
export type Report = (problem: Error, where: string) => void;

const quietMs = 10_000;

/** A queue that is down complains with every attempt: the same problem in the same place is passed on every ten seconds. */
export function reporter(report: Report = (problem, where) => console.error(`Queue ${where}: ${problem.message}`)): Report {
  const told = new Map<string, number>();
  return (problem, where) => {
    const key = `${where} ${problem.message.replaceAll(/[0-9a-f-]{6,}/g, "")}`;
    const now = Date.now();
    if (now - (told.get(key) ?? 0) < quietMs) return;
    if (told.size > 500) told.clear();
    told.set(key, now);
    report(problem, where);
  };
}
