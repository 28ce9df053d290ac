/**
 * Our own carver with a part taken away, so that what the part costs is a difference of two times.
 *
 * By records: no handles and no checks of what is asked; a record's number is handed out and taken back.
 * In one block: besides, an address table of a single block, in which no cut and hardly a merge has
 * anything to write. Invariant: the very code of `core/memory`, and its places. Trade-off: what is left
 * beside a bare search cannot be taken away so; the bare search can take it on (see bare/burden).
 */

import type { ExtentCarver } from '../../core/memory/extent-carver.js';
import { START } from '../../core/memory/extent-layout.js';
import { ExtentPool } from '../../core/memory/extent-pool.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import { openCarver } from '../../core/memory/policies.js';
import { layOut } from '../../core/memory/pool-shape.js';
import { GRANULE } from '../trace-file.js';
import type { OpenRacer, Racer } from './racer.js';

const OWNER = 1;
/** log2 of the frames of a block that any node lies in. */
const ONE_BLOCK = 31;

export function strippedPool(policy: PolicyName, blocks: 'as they are' | 'one'): OpenRacer {
  return (frames) => {
    const { words, addresses } = layOut({ tag: 0, frames, granuleFrames: GRANULE, policy });
    const table = blocks === 'one' ? { ...addresses, shift: ONE_BLOCK } : addresses;
    const carver = openCarver(policy, words, table);
    new ExtentPool(carver, policy).open();
    return new RecordRacer(carver);
  };
}

class RecordRacer implements Racer {
  readonly bytes = 0;
  declare private readonly carver: ExtentCarver;

  constructor(carver: ExtentCarver) {
    this.carver = carver;
  }

  alloc(frames: number, align: number): number {
    return this.carver.take(frames, align, OWNER);
  }

  free(record: number): void {
    this.carver.release(record);
  }

  startOf(record: number): number {
    return this.carver.words[record + START];
  }
}
