/**
 * Which names a trace has had, to find one that comes twice: 128 bits of each, on a typed array.
 *
 * A table that is full forgets half of what it has, by a bit of the hash, and passes over that half
 * from then on: a share of the names that somebody has to look at in another pass. Invariant: a name
 * of its own share that was there before is always found; two different names are taken for the same
 * with a probability below 10^-20 in a thousand million. Nothing of the file's text is kept, and memory
 * is bounded: 21 to 43 bytes a name outside the heap, half as much again while the table changes.
 * Trade-off: a hash is no proof, but the names themselves would not fit.
 */

/** Names it holds at a time; the table is then 2 GiB. */
export const MOST_NAMES = 100_000_000;
const FIRST_SLOTS = 1 << 10;
const WORDS = 4;

/** Names whose hash leaves `part` when divided by `of`, a power of two. */
export interface NameShare {
  readonly part: number;
  readonly of: number;
}

const ALL_NAMES: NameShare = { part: 0, of: 1 };

export class SeenNames {
  /** Shares that it has given up, for passes to come. */
  readonly left: NameShare[] = [];
  private share: NameShare;
  private slots = new Uint32Array(FIRST_SLOTS * WORDS);
  private readonly hash = new Uint32Array(WORDS);
  private readonly most: number;
  private count = 0;

  /** `most`: names to hold at a time, at least 1. */
  constructor(most = MOST_NAMES, share = ALL_NAMES) {
    this.most = most;
    this.share = share;
  }

  /** `again` = it was there before; `other` = it is of a share that is not looked at here. */
  add(name: string): 'new' | 'again' | 'other' {
    hashInto(this.hash, name);
    if (!this.isOfShare(this.hash[1])) return 'other';
    const at = this.find(this.hash);
    if (!this.isFree(at)) return 'again';
    if (this.count === this.most) {
      this.giveUpHalf();
      return this.add(name);
    }
    this.slots.set(this.hash, at);
    this.count++;
    if (this.count * WORDS * 4 > this.slots.length * 3) this.moveTo(this.slots.length * 2);
    return 'new';
  }

  /** Lets its table go: nobody asks any more. */
  forget(): void {
    this.slots = new Uint32Array(FIRST_SLOTS * WORDS);
    this.count = 0;
  }

  private isOfShare(word: number): boolean {
    const { part, of } = this.share;
    return (word & (of - 1)) === part;
  }

  private giveUpHalf(): void {
    const { part, of } = this.share;
    this.share = { part, of: of * 2 };
    this.left.push({ part: part + of, of: of * 2 });
    this.moveTo(Math.max(FIRST_SLOTS * WORDS, this.slots.length / 2));
  }

  /** Where this hash stands, or the free slot that it would take. */
  private find(hash: Uint32Array): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = Math.imul(hash[0], WORDS) & mask;
    while (!this.isFree(at)) {
      const same = slots[at] === hash[0] && slots[at + 1] === hash[1];
      if (same && slots[at + 2] === hash[2] && slots[at + 3] === hash[3]) return at;
      at = (at + WORDS) & mask;
    }
    return at;
  }

  /** No hash ends in a 0. */
  private isFree(at: number): boolean {
    return this.slots[at + WORDS - 1] === 0;
  }

  /** To a table of so many words, with what is of its share. */
  private moveTo(words: number): void {
    const old = this.slots;
    this.slots = new Uint32Array(words);
    this.count = 0;
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + WORDS - 1] === 0 || !this.isOfShare(old[at + 1])) continue;
      const entry = old.subarray(at, at + WORDS);
      this.slots.set(entry, this.find(entry));
      this.count++;
    }
  }
}

/** Four lanes that feed each other; each step can be undone, so no letter is lost on the way. */
function hashInto(hash: Uint32Array, name: string): void {
  let [a, b, c, d] = [0x9e37_79b9, 0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f ^ name.length];
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    a = b ^ Math.imul(a ^ unit, 0x239b_961b);
    b = c ^ Math.imul(b ^ unit, 0xab0e_9789);
    c = d ^ Math.imul(c ^ unit, 0x38b3_4ae5);
    d = a ^ Math.imul(d ^ unit, 0xa1e3_8b93);
    // Multiplying carries upwards only: bring the upper bits down.
    a = (a << 13) | (a >>> 19);
    c = (c << 17) | (c >>> 15);
  }
  hash[0] = finalized(a ^ c);
  hash[1] = finalized(b ^ hash[0]);
  hash[2] = finalized(c ^ hash[1]);
  hash[3] = finalized(d ^ hash[2]) | 1;
}

/** The finalizer of MurmurHash3. */
function finalized(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
