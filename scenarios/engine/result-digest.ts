/**
 * The result hash of a fleet run: SHA-256 over one fixed-size record per event, in order.
 *
 * Invariant: equal runs give equal digests on any machine (little-endian records, no text). Records
 * are gathered in blocks, so that hashing costs little beside an event.
 */
import { createHash } from 'node:crypto';

/** What a record tells. */
export const TOLD = { accepted: 1, ended: 2, refused: 3, parent: 4, lost: 5 } as const;

const RECORD_BYTES = 24;
const BLOCK_BYTES = 4096 * RECORD_BYTES;

export class ResultDigest {
  private readonly hash = createHash('sha256');
  private readonly block = new DataView(new ArrayBuffer(BLOCK_BYTES));
  private at = 0;

  /** `time` in ms; `host` -1 = none; `which`: a uid, or a number of the ask. */
  add(time: number, told: number, host: number, which: number): void {
    const { block, at } = this;
    block.setFloat64(at, time, true);
    block.setInt32(at + 8, told, true);
    block.setInt32(at + 12, host, true);
    block.setFloat64(at + 16, which, true);
    this.at += RECORD_BYTES;
    if (this.at === BLOCK_BYTES) this.flush();
  }

  /** Lower-case hex; nothing may be added afterwards. */
  finish(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private flush(): void {
    this.hash.update(new Uint8Array(this.block.buffer, 0, this.at));
    this.at = 0;
  }
}
