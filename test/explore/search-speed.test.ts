/** What a search's speed is compared with: a bare search of all moves or the first, shares of time. */
import { describe, expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import { bareSearch, graphOf } from '../../scenarios/verify/bare-search.js';
import { timeShares } from '../../scenarios/verify/time-shares.js';
import { TINY } from './tiny-scopes.js';

describe.each(TINY.slice(0, 2))('$scope.name', ({ scope }) => {
  const model = createRememberingModel(scope, { reduced: true });
  const result = search(model);
  const { counts, visited } = result;

  it('a bare search of all moves finds all states', () => {
    const graph = graphOf(model, visited, counts.transitions + 1);
    expect(graph.targets).toHaveLength(counts.transitions);
    expect(bareSearch(graph, visited)).toBe(counts.unique);
  });

  it('one of the first moves finds the states that these lead to, of whole states', () => {
    const graph = graphOf(model, visited, 20);
    expect(graph.targets.length).toBeGreaterThanOrEqual(20);
    expect(graph.targets.length).toBeLessThan(20 + model.moves);
    const few = search(createRememberingModel(scope, { reduced: true }), {
      maxStates: graph.found,
    });
    expect(bareSearch(graph, visited)).toBe(few.counts.unique);
    const wrong = { ...graph, found: graph.found + 1 };
    expect(() => bareSearch(wrong, visited)).toThrow('the search had');
  });

  it('shares of the time are of one, and add up to it', () => {
    let now = 0;
    const clock = () => (now += 0.001);
    const shares = Object.values(timeShares(model, result, 1, clock));
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  });
});
