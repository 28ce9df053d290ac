/**
 * A part of a scope in which lists may disagree: a breach on paper is none there, one in which
 * something is shared is; and the rules that refused something, by name.
 */
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { search } from '../../core/explore/search.js';
import { faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const WHOLE = wholeScope('nitro-switched');
const PART: Scope = {
  ...WHOLE,
  moves: WHOLE.moves.filter(({ label }) =>
    /"1,4"|CPU [14] |^nitro.create-vm$|^(add-vcpu|close)/.test(label),
  ),
};
const { onPaper, ...STRICT } = PART;

const MODELS = [
  ['asks each time', createHostModel],
  ['remembers', createRememberingModel],
] as const;

describe.each(MODELS)('a model that %s', (_, create) => {
  it('finds nothing where lists disagree and nobody shares anything', () => {
    expect(onPaper).toBe(true);
    const { counts, found, complete } = search(create(PART));
    expect([counts.unique, counts.transitions, found, complete]).toEqual([
      44,
      172,
      undefined,
      true,
    ]);
  });

  it('finds the lists where they may not disagree', () => {
    const { found } = search(create(STRICT));
    expect(found?.breach.properties).toEqual(['thread-one-owner']);
    expect(found?.path).toHaveLength(2);
  });

  it('finds what is shared, lists or not', () => {
    const host = plant(PART.build(), faultNamed('no-hypervisor-cpu-donated'));
    const { found } = search(create(PART, { host }));
    expect(found?.breach.properties).toEqual(['thread-one-owner', 'whole-cores']);
    expect(found?.path).toHaveLength(4);
  });
});

it('the rules that refused a move are those of its decisions', () => {
  const model = createRememberingModel(PART);
  const { visited } = search(model);
  const told = [...model.refusedBy].sort();
  const asked = new Set<string>();
  const key = new Int32Array(model.words);
  for (let state = 0; state < visited.size; state++) {
    visited.read(state, key);
    model.source.load(key);
    for (let move = 0; move < PART.moves.length; move++) {
      const rule = model.source.decide(move)?.refusal?.rule;
      if (rule !== undefined) asked.add(rule);
    }
  }
  expect(told).toEqual([...asked].sort());
  expect(told).toContain('nitro.hypervisor-core-free');
});
