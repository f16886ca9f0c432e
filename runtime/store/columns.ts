import type { ColumnType } from "kysely";

/** A timestamptz: read as Date, written as Date or text. */
export type Time = ColumnType<Date, Date | string, Date | string>;
/** A jsonb: written as text. */
export type Json<T> = ColumnType<T, string, string>;
