/** What MySQL's driver says when it has waited long enough. */
export const CLIENT_TIMEOUT = "PROTOCOL_SEQUENCE_TIMEOUT";
/** What SQL Server's driver says when we took the statement back. */
const CANCELLED = "ECANCEL";

/** What a database says of a statement, as the status that says the same over HTTP; undefined for a fault of the network. */
export function sqlStatus(error: unknown): number | undefined {
  const { code, errno, number, sqlState } = (error ?? {}) as Record<string, unknown>;
  if (typeof number === "number") return byNumber(sqlServerNumbers, number) ?? 400;
  // mysql2 has both, and so has what the network throws: its errno is negative.
  if (typeof errno === "number" && errno > 0) return byNumber(mysqlNumbers, errno) ?? byState(String(sqlState ?? ""));
  if (code === CLIENT_TIMEOUT || code === CANCELLED) return 504;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? byState(code) : undefined;
}

/** The database's own name for what is wrong. */
export function sqlCode(error: unknown): string {
  const { code, errno, number, sqlState } = (error ?? {}) as Record<string, unknown>;
  if (typeof number === "number") return String(number);
  if (typeof errno === "number" && errno > 0) return `${String(code)} (${String(sqlState ?? errno)})`;
  return typeof code === "string" ? code : "unknown error";
}

/** SQLSTATE, by its beginning; PostgreSQL and MySQL share the standard's classes. The longest that fits counts. */
const states: readonly [beginning: string, status: number][] = [
  ["08", 503],
  ["22", 422],
  ["23505", 409],
  ["23", 422],
  ["25006", 403],
  ["28", 401],
  ["3D", 401],
  ["40", 503],
  ["42501", 403],
  ["53", 503],
  ["55P03", 503],
  ["57014", 504],
  ["57P", 503],
  ["58", 503],
];

function byState(state: string): number {
  const fits = states.filter(([beginning]) => state.startsWith(beginning));
  return fits.sort(([a], [b]) => b.length - a.length)[0]?.[1] ?? 400;
}

/** Where MySQL's SQLSTATE says too little. */
const mysqlNumbers: readonly [status: number, numbers: readonly number[]][] = [
  [401, [1044, 1045, 1049, 1698]],
  [403, [1142, 1143, 1792]],
  [409, [1062, 1586]],
  [503, [1040, 1041, 1053, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1290]],
  [504, [1317, 1969, 3024]],
];

const sqlServerNumbers: readonly [status: number, numbers: readonly number[]][] = [
  [401, [4060, 18452, 18456, 18470, 18487, 18488]],
  [403, [229, 230, 262, 297, 300]],
  [409, [2601, 2627]],
  [422, [220, 241, 242, 245, 515, 547, 2628, 8114, 8115, 8152]],
  [503, [701, 1204, 1205, 1222, 10928, 10929, 40197, 40501, 40613, 49918, 49919, 49920]],
];

const byNumber = (table: readonly [number, readonly number[]][], number: number): number | undefined =>
  table.find(([, numbers]) => numbers.includes(number))?.[0];
