/**
 * Whether each id of a trace is there once, in memory that does not grow with the trace.
 *
 * Ids that only ever rise, by length and then by letters, or by letters alone, cannot come twice:
 * as long as they do, nothing is kept but the last. Where they cease to, those before are read once
 * more into a table of hashes; what that has no room for is looked at in further passes, each of which
 * reads the file again. Invariant: an id that comes twice is found by the first pass or by one of the
 * further ones. Trade-off: time for memory, in a file of hundreds of millions of rows without any order.
 */
import { type BlockWatch, fieldsOf, linesOf } from './csv-rows.js';
import { SeenNames } from './seen-names.js';

interface RowId {
  readonly line: number;
  readonly id: string;
}

export class UniqueIds {
  private readonly file: string;
  private readonly column: string;
  private readonly most: number | undefined;
  private readonly onBlock: BlockWatch | undefined;
  private readonly names: SeenNames;
  private last: string | undefined;
  private rises = true;
  /** By length first: numbers as they are written, and whatever is padded to one length. */
  private risesByLength = true;

  /** `most`: ids to keep at a time; `onBlock`: told of what is read again, not of the first pass. */
  constructor(file: string, column: string, most?: number, onBlock?: BlockWatch) {
    this.file = file;
    this.column = column;
    this.most = most;
    this.onBlock = onBlock;
    this.names = new SeenNames(most);
  }

  /** The first pass, row by row; false = it was there before. */
  isNew(id: string, line: number): boolean {
    if (this.isRising) {
      this.follow(id);
      if (this.isRising) return true;
      this.last = undefined;
      for (const one of this.read(line)) this.names.add(one.id);
    }
    return this.names.add(id) !== 'again';
  }

  /** Ids that come twice among those that the first pass had no room for, once it is over. */
  *inFurtherPasses(): Generator<RowId> {
    const shares = [...this.names.left];
    this.names.forget();
    for (const share of shares) {
      const names = new SeenNames(this.most, share);
      for (const row of this.read()) if (names.add(row.id) === 'again') yield row;
      // More than there is room for even here: the list grows as it is worked off.
      shares.push(...names.left);
    }
  }

  private get isRising(): boolean {
    return this.rises || this.risesByLength;
  }

  private follow(id: string): void {
    const { last } = this;
    this.last = id;
    if (last === undefined) return;
    const isAfter = id > last;
    this.rises &&= isAfter;
    this.risesByLength &&= id.length > last.length || (id.length === last.length && isAfter);
  }

  /** The ids of a file whose header is sound, in the order of its rows, those in front of a line. */
  private *read(end = Number.POSITIVE_INFINITY): Generator<RowId> {
    let at = -1;
    for (const { line, text } of linesOf(this.file, this.onBlock)) {
      if (line >= end) return;
      const fields = text.trim() === '' ? undefined : fieldsOf(text);
      if (fields === undefined) continue;
      if (at < 0) at = fields.indexOf(this.column);
      else yield { line, id: fields[at] ?? '' };
    }
  }
}
