/** What `verify` prints can be explained: states to be reached, stages that threw, planted faults. */
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS } from '../../../core/explore/planted-faults.js';
import { REACHED } from '../../../core/invariants/reached.js';
import { explain } from '../../../scenarios/cli/explain.js';
import { recordedStreams } from '../cli/recorded-streams.js';

const THROWS = ['decide-throws', 'apply-throws', 'audit-throws'];

function explained(word: string): string {
  const streams = recordedStreams(200);
  expect(explain([word], {}, streams), word).toBe(0);
  return streams.stdout();
}

describe('a name that verify prints', () => {
  // Found bug: nothing was called so.
  it.each([...REACHED, ...PLANTED_FAULTS])('$id is explained by its own sentence', (named) => {
    const { id, sentence } = named;
    const text = explained(id);
    expect(text).toContain(sentence);
    const by = 'noticedBy' in named ? named.noticedBy : '--properties';
    expect(text).toContain(by);
  });

  it.each(THROWS)('%s says that the simulator itself threw', (id) => {
    expect(explained(id)).toMatch(/^\S+\nmeans +The simulator itself throws while it is /);
  });

  it.each([
    ['reached', REACHED.length],
    ['throw', THROWS.length],
    ['fault', PLANTED_FAULTS.length],
  ])('is in a family, %s, that lists %i', (family, count) => {
    const streams = recordedStreams();
    expect(explain([family], { json: true }, streams)).toBe(0);
    const { entries } = JSON.parse(streams.stdout()) as { entries: unknown[] };
    expect(entries).toHaveLength(count);
  });
});
