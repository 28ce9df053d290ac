/**
 * A table as a Parquet file, in memory.
 *
 * Invariant: equal tables give equal bytes: no clock, fixed row groups, and the engine's version as
 * the only word about who wrote it. Trade-off: a table is held whole while it is written.
 */
import { parquetWriteBuffer } from 'hyparquet-writer';

/** Column types used here; INT64 values are given as numbers below 2^53. */
export type ColumnType = 'INT32' | 'INT64' | 'DOUBLE' | 'STRING' | 'BOOLEAN';

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** null only where `nullable`. */
  readonly data: readonly (number | string | boolean | null)[];
  readonly nullable?: boolean;
}

const ROWS_A_GROUP = 100_000;

/** @param engine version that is named as the writer */
export function parquetBytes(columns: readonly TableColumn[], engine: string): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, data, nullable = false }) => ({
      name,
      type,
      nullable,
      data: type === 'INT64' ? data.map((n) => (n === null ? null : BigInt(n))) : [...data],
    })),
    rowGroupSize: ROWS_A_GROUP,
    createdBy: `hypercarve ${engine}`,
  });
  return new Uint8Array(buffer);
}
