/** The work of the model that remembers, in tiny scopes: what it holds, and how often it looks. */
import { describe, expect, it } from 'vitest';
import { MOVED } from '../../core/explore/model.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import { TINY } from './tiny-scopes.js';

describe('what is remembered', () => {
  it('is held in as many bytes as its tables take', () => {
    const model = createRememberingModel(TINY[0].scope);
    search(model);
    expect(model.bytes).toBe(118_592);
    // What was reached once is not asked for again.
    expect(model.asked).toBe(427);
  });

  it('is looked up only where a move changed what was looked at, and once in a state', () => {
    const model = createRememberingModel(TINY[1].scope);
    const { asking, facets, sound } = model as unknown as {
      readonly asking: { isTrue: Call; part: Call };
      readonly facets: { write: Call };
      readonly sound: { readonly trees: readonly { answer: Call }[] };
    };
    const [asked, parts] = [counted(asking, 'isTrue'), counted(asking, 'part')];
    const written = counted(facets, 'write');
    const looked = sound.trees.map((tree) => counted(tree, 'answer'));
    search(model);
    // The work of the search: more than before is slower, though it says the same.
    expect([asked, parts, written].map(({ count }) => count)).toEqual([1002, 724, 616]);
    expect(looked.reduce((sum, { count }) => sum + count, 0)).toBe(1178);
  });

  it('is written as the words of a key, and nothing behind them', () => {
    const { scope } = TINY[0];
    const model = createRememberingModel(scope);
    model.begin(new Int32Array(model.words));
    const reserve = scope.moves.findIndex(({ label }) => label === 'qingtian.reserve');
    expect(model.take(reserve)).toBe(MOVED);
    const longer = new Int32Array(model.words + 2).fill(-7);
    model.encode(longer);
    expect([...longer].map((word) => word === -7)).toEqual([
      ...[...new Array<boolean>(model.words).fill(false), true, true],
    ]);
  });
});

type Call = (...given: readonly unknown[]) => unknown;

/** Counts the calls of a method from here on. */
function counted<Name extends string>(of: { [name in Name]: Call }, name: Name) {
  const calls = { count: 0 };
  const sound = of[name].bind(of);
  of[name] = (...given) => {
    calls.count++;
    return sound(...given);
  };
  return calls;
}
