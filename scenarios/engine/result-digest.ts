/**
 * The result hash of a fleet run: SHA-256 over one record per event, in order.
 *
 * It stands for the run's journal: each ask with its size, the parent and the nodes it got, each
 * proposal that was refused and by which rule, what waits, what expires, each end, each parent's
 * event, each reservation that was refused at a boot. Invariant: equal runs give equal digests on any machine (little-endian records, whose kind
 * settles their length; a rule is its number, told with its name when it first comes), and runs
 * that differ in any of these give others. Records are gathered in blocks, so that hashing costs
 * little beside an event. Trade-off: which CPUs and frames a node gave is left to the rules, which
 * are deterministic.
 */
import { createHash } from 'node:crypto';

/** What a record tells. */
export const TOLD = {
  accepted: 1,
  ended: 2,
  refused: 3,
  parent: 4,
  lost: 5,
  expired: 6,
  waits: 7,
  proposal: 8,
  rule: 9,
  /** A parent's reservation at its boot was refused. */
  reservation: 10,
} as const;

const BLOCK_BYTES = 96 * 1024;
const LONGEST_RECORD = 40;

export class ResultDigest {
  private readonly hash = createHash('sha256');
  private readonly block = new DataView(new ArrayBuffer(BLOCK_BYTES));
  private readonly rules = new Map<string, number>();
  private at = 0;

  /** `time` in ms; `host` -1 = none; `which`: a uid, an ask, or what happened to a parent. */
  add(time: number, told: number, host: number, which: number): void {
    if (this.at > BLOCK_BYTES - LONGEST_RECORD) this.flush();
    const { block, at } = this;
    block.setFloat64(at, time, true);
    block.setInt32(at + 8, told, true);
    block.setInt32(at + 12, host, true);
    block.setFloat64(at + 16, which, true);
    this.at = at + 24;
  }

  /** An ask that was accepted; `place`: see where-it-went. */
  addAccepted(
    time: number,
    host: number,
    ask: number,
    uid: number,
    vcpus: number,
    mib: number,
    place: number,
  ): void {
    this.add(time, TOLD.accepted, host, ask);
    const { block, at } = this;
    block.setInt32(at, uid, true);
    block.setInt32(at + 4, vcpus, true);
    block.setInt32(at + 8, mib, true);
    block.setInt32(at + 12, place, true);
    this.at = at + 16;
  }

  /** An ask, a proposal for it or, of ask -1, what a parent was refused; and the rule that said no. */
  addNo(time: number, told: number, host: number, ask: number, rule: string): void {
    const number = this.numberOf(rule);
    this.add(time, told, host, ask);
    this.block.setFloat64(this.at, number, true);
    this.at += 8;
  }

  /** Lower-case hex; nothing may be added afterwards. */
  finish(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private numberOf(rule: string): number {
    const known = this.rules.get(rule);
    if (known !== undefined) return known;
    const number = this.rules.size;
    this.rules.set(rule, number);
    const name = new TextEncoder().encode(rule);
    this.add(number, TOLD.rule, -1, name.length);
    this.flush();
    this.hash.update(name);
    return number;
  }

  private flush(): void {
    this.hash.update(new Uint8Array(this.block.buffer, 0, this.at));
    this.at = 0;
  }
}
