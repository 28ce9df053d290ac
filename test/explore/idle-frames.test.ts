/** Frames that nobody ever holds are told: padding, unless the scope says that they are idle, and why. */
import { describe, expect, it } from 'vitest';
import { idleFrames } from '../../core/explore/idle-frames.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { IdleFrames, Scope } from '../../core/explore/scope.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { runScope } from '../../scenarios/verify/run-scope.js';

function scopeNamed(name: string): Scope {
  const scope = findScope(name);
  if (scope === undefined) throw new Error(`no scope ${name}`);
  return scope;
}

function told(scope: Scope): string[] {
  const model = createRememberingModel(scope, { reduced: true });
  return idleFrames(scope, model.source, search(model).visited);
}

const CAPS = scopeNamed('qingtian-refusals');
const idle = (...frames: number[]): IdleFrames[] => [{ node: 0, frames, why: 'for a test' }];

describe('frames that nobody holds', () => {
  it('are told by verify where nothing declares them', () => {
    const { problems } = runScope(
      { ...CAPS, idle: undefined },
      { clock: () => 0, reducedOnly: true },
    );
    expect(problems).toEqual([
      'padding: frame 2 of node 0 is held in no state',
      'padding: frame 3 of node 0 is held in no state',
    ]);
  });

  it('are not asked for where the search gave up', () => {
    const choice = { clock: () => 0, reducedOnly: true, maxStates: 5 };
    expect(runScope({ ...CAPS, idle: undefined }, choice).problems).toEqual([]);
  });

  it.each<[what: string, declared: readonly IdleFrames[], wrong: readonly string[]]>([
    ['all declared', idle(3, 2), []],
    ['declared one by one', [...idle(3), ...idle(2)], []],
    ['one forgotten', idle(3), ['frame 2 of node 0 is held in no state']],
    ['one that is held', idle(1, 2, 3), ['frame 1 of node 0 is held, though declared idle']],
    ['one too many', idle(2, 3, 4), ['frame 4 of node 0 is declared idle, and not there']],
    [
      'a node too many',
      [...idle(2, 3), { node: 1, frames: [0], why: 'for a test' }],
      ['frame 0 of node 1 is declared idle, and not there'],
    ],
  ])('%s', (_, declared, wrong) => {
    expect(told({ ...CAPS, idle: declared })).toEqual(wrong.map((text) => `padding: ${text}`));
  });

  it('are also those of a page pool that no task and no enclave takes from', () => {
    const slots = scopeNamed('nitro-slots');
    const moves = [
      ...slots.moves,
      {
        label: 'hugepages',
        command: () =>
          ({ kind: 'nitro.write-hugepages', node: 0, pageKib: 65_536, text: '1' }) as const,
      },
    ];
    expect(told({ ...slots, moves })).toEqual([]);
    expect(told({ ...slots, moves, idle: [] })).toEqual([
      'padding: frame 0 of node 0 is held in no state',
    ]);
  });

  it('are those of a plain VM host, too, where no pool is in between', () => {
    const scope = scopeNamed('vm-2x3x2x3');
    const moves = scope.moves.filter(({ label }) => !/over both|on node 1|blind/.test(label));
    expect(told(scope)).toEqual([]);
    expect(told({ ...scope, moves })).toEqual(['padding: frame 2 of node 1 is held in no state']);
  });

  it('are declared with a reason', () => {
    for (const { idle = [] } of SCOPES) {
      for (const { why } of idle) expect(why).toMatch(/\w+ \w+ \w+/);
    }
  });
});
