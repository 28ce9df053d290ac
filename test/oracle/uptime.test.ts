/**
 * Parents that have been up for days against their naive twins: fragmented until they are booted
 * again, and never after.
 */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { PARENT } from '../../core/memory/node-memory.js';
import {
  agedPair,
  judgeSequence,
  newWork,
  ORACLE_PLATFORMS,
  type OraclePlatform,
  type Pair,
} from '../kit/oracle/sequence.js';
import { scaledRuns, seedFrom } from '../seed.js';

const SEQUENCES = 24;

describe('oracle: after days of uptime', () => {
  it.each(ORACLE_PLATFORMS)('%s: results, counters and owners equal the twin’s', (platform) => {
    const work = newWork();
    for (let number = 0; number < scaledRuns(SEQUENCES); number++) {
      judgeSequence(platform, seedFrom(process.env), number, work, agedPair);
    }
    expect(work.results.get('parent.boot ok') ?? 0).toBeGreaterThan(SEQUENCES / 2);
  });

  it('a boot that frees all blocks but one is noticed', () => {
    const faulty = (platform: OraclePlatform, number: number): Pair => {
      const two = agedPair(platform, number);
      forgetLastBlock(two.host);
      return two;
    };
    const run = () => {
      for (let number = 0; number < SEQUENCES; number++) {
        judgeSequence('qingtian', 1, number, newWork(), faulty);
      }
    };
    expect(run).toThrow(/frame \d+, pool: host 255, twin 0/);
  });
});

/** The host no longer knows of the last block that uptime took of node 0. */
function forgetLastBlock(host: Host): void {
  const [runs] = host.uptimeRuns;
  expect(host.memory[0].base.covering(runs.at(-2) ?? 0).owner).toBe(PARENT);
  (host.uptimeRuns as (readonly number[])[])[0] = runs.slice(0, -2);
}
