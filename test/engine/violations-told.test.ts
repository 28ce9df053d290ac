/**
 * What the commands answer when an audit finds something: exit code 1, and the breach in words. No run of
 * this program breaks an invariant, so here each look at a parent first gives it a CPU that a VM has.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { merge } from '../../scenarios/cli/merge.js';
import { FleetAudit } from '../../scenarios/engine/fleet-audit.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from '../sweep/small-sweep.js';
import { TWO_PARENTS } from './two-parents.js';

const { touched } = FleetAudit.prototype;

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));
beforeEach(() => {
  vi.spyOn(FleetAudit.prototype, 'touched').mockImplementation(function (
    this: FleetAudit,
    host,
    moved,
  ) {
    this.fleet[host].tree.online[0] = 1;
    touched.call(this, host, moved);
  });
});
// Files that run in one worker share its modules.
afterEach(() => vi.restoreAllMocks());

const AUDITED = SMALL_SWEEP.replace('  platform: vm', '  platform: vm\n  audit: true');

async function runFile(audit: boolean) {
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(file, TWO_PARENTS);
  const streams = recordedStreams();
  return { code: await fleet(file, { audit }, streams), out: streams.stdout() };
}

describe('violations', () => {
  it('of a fleet: exit code 1 and what was found, where it was audited', async () => {
    const { code, out } = await runFile(true);
    expect(code).toBe(1);
    expect(out).toMatch(/\n {2}violations +[1-9]\d*\D/);
    expect(out).toContain('parent 0: thread-one-owner: ');
    expect((await runFile(false)).code).toBe(0);
    vi.restoreAllMocks();
    expect((await runFile(true)).code).toBe(0);
  });

  it('of a sweep: exit code 1, and of its merged shards, where its fleet is audited', async () => {
    const whole = await runSweep(FOLDER, AUDITED, { out: join(FOLDER, 'whole') });
    expect([whole.code, whole.err]).toEqual([1, '']);
    const shards = ['1/2', '2/2'].map((shard) => ({ shard, out: join(FOLDER, shard[0]) }));
    for (const options of shards) {
      // It has made its part; whoever merges is told.
      expect((await runSweep(FOLDER, AUDITED, options)).code).toBe(0);
    }
    const mergedBy = (paths: readonly string[], out: string) =>
      merge(paths, { out: join(FOLDER, out) }, recordedStreams());
    expect(
      mergedBy(
        shards.map(({ out }) => out),
        'merged',
      ),
    ).toBe(1);
    const unaudited = await runSweep(FOLDER, SMALL_SWEEP, { out: join(FOLDER, 'unaudited') });
    expect(unaudited.code).toBe(0);
    vi.restoreAllMocks();
    const sound = await runSweep(FOLDER, AUDITED, { out: join(FOLDER, 'sound') });
    expect(sound.code).toBe(0);
    expect(mergedBy([sound.out], 'merged-sound')).toBe(0);
  });
});
