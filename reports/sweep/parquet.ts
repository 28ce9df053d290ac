/**
 * A table as a Parquet file, in memory.
 *
 * Invariant: equal tables give equal bytes: no clock, fixed row groups, and the engine's version as
 * the only word about who wrote it. Trade-off: the file is held whole, packed; of what it is made from
 * no more than the values of one row group.
 */
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';

/** Column types used here; INT64 values are given as numbers below 2^53. */
export type ColumnType = 'INT32' | 'INT64' | 'DOUBLE' | 'STRING' | 'BOOLEAN';

export interface TableColumn<Row> {
  readonly name: string;
  readonly type: ColumnType;
  /** null only where `nullable`. */
  readonly of: (row: Row) => number | string | boolean | null;
  readonly nullable?: boolean;
}

const ROWS_A_GROUP = 100_000;

/** @param engine version that is named as the writer */
export function parquetBytes<Row>(
  columns: readonly TableColumn<Row>[],
  rows: Iterable<Row>,
  engine: string,
): Uint8Array {
  const writer = new GroupWriter();
  const schema = schemaFromColumnData({ columnData: columnData(columns, []) });
  const file = new ParquetWriter({ writer, schema, createdBy: `hypercarve ${engine}` });
  for (const group of groupsOf(rows)) {
    file.write({ columnData: columnData(columns, group), rowGroupSize: ROWS_A_GROUP });
  }
  file.finish();
  return writer.all();
}

/** Puts each row group away as it is whole, since a buffer that doubles is copied each time. */
class GroupWriter extends ByteWriter {
  private readonly parts: Uint8Array[] = [];

  /** Called after each row group. */
  flush(): void {
    this.parts.push(new Uint8Array(this.getBuffer()));
    this.index = 0;
  }

  all(): Uint8Array {
    this.flush();
    return Buffer.concat(this.parts);
  }
}

function* groupsOf<Row>(rows: Iterable<Row>): Generator<readonly Row[]> {
  let group: Row[] = [];
  for (const row of rows) {
    group.push(row);
    if (group.length < ROWS_A_GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function columnData<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]) {
  return columns.map(({ name, type, of, nullable = false }) => {
    const values = rows.map(of);
    const data =
      type === 'INT64' ? values.map((value) => (value === null ? null : BigInt(value))) : values;
    return { name, type, nullable, data };
  });
}
