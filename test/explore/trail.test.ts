/**
 * Trails under the uids of a real host, and paths of canonical states as a host can walk them.
 */
import { describe, expect, it } from 'vitest';
import { plant } from '../../core/explore/planted-faults.js';
import { realPath } from '../../core/explore/real-path.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import { trailOf } from '../../core/explore/trail.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { faultNamed } from './fault-named.js';
import { TINY, wholeScope } from './tiny-scopes.js';

describe('trail', () => {
  it('names an operator’s second enclave by the uid that a host really gives it', () => {
    const part = wholeScope('nitro-2x2x2x2');
    const labels = [
      'nitro.write-pool "2-3,6-7"',
      'nitro.create-vm by task 2',
      'close of enclave 1',
      'nitro.create-vm by task 2',
      'nitro.create-vm by task 1',
      'poll of enclave 1',
    ];
    const path = labels.map((label) => part.moves.findIndex((move) => move.label === label));
    expect(path).not.toContain(-1);
    const trail = trailOf(part, path);
    expect(trail).not.toHaveProperty('fault');
    expect(trail.scope).toBe('nitro-2x2x2x2');
    const host = part.build();
    const refused = trail.commands.map((command) => runInPlace(host, command).refusal?.rule);
    expect(refused).toEqual(labels.map(() => undefined));
    expect(uidsOf(host.tree)).toEqual([3, 2]);
    expect(trail.commands.at(-1)).toEqual({ kind: 'nitro.poll', slot: 2 });
  });

  it('renames the uid of a QingTian enclave as well', () => {
    const part = wholeScope('qingtian-2x4x2x2');
    const at = (test: RegExp) => part.moves.findIndex(({ label }) => test.test(label));
    const define = part.moves.findIndex(({ fills }) => fills === 1);
    const trail = trailOf(part, [
      at(/reserve$/),
      define,
      at(/crash of enclave 1/),
      define,
      at(/map of enclave 1$/),
    ]);
    expect(trail.commands.slice(2).map((one) => ('uid' in one ? one.uid : one.kind))).toEqual([
      ...[0, 'qingtian.define', 1],
    ]);
  });

  it('rejects a path that takes a move where there is none', () => {
    const part = wholeScope('nitro-2x2x2x2');
    const close = part.moves.findIndex(({ label }) => label === 'close of enclave 0');
    expect(() => trailOf(part, [close])).toThrow('takes close of enclave 0 where it is not');
  });
});

describe('a real path', () => {
  /** [fault, tiny scope that meets it, commands]. */
  const met = [
    ['half-core', 0, 2],
    ['scrub-forgotten', 1, 3],
    ['half-page-late', 2, 4],
    ['double-cid', 2, 3],
    ['runs-when-created', 4, 2],
    ['sibling-stays-in-pool', 4, 3],
    ['half-granule', 5, 6],
  ] as const;

  it.each(met)('to the breach by %s in tiny scope %i has %i moves', (id, at, length) => {
    const fault = faultNamed(id);
    const { scope } = TINY[at];
    const choice = { reduced: true, host: plant(scope.build(), fault) };
    const model = createRememberingModel(scope, choice);
    const { found, visited } = search(model);
    if (found === undefined) throw new Error(`${id} is not met`);
    const first = new Int32Array(model.words);
    visited.read(0, first);
    const path = realPath(model, first, found) ?? [];
    expect(path).toHaveLength(length);
    const trail = trailOf(scope, path, fault);
    expect(trail).toMatchObject({ scope: scope.name, fault: id });
    const host = plant(scope.build(), fault);
    const broken = trail.commands.map((command) => {
      const before = checkInvariants(host);
      runInPlace(host, command);
      return before.filter(({ quirk }) => quirk === undefined).length;
    });
    expect(broken).toEqual(trail.commands.map(() => 0));
  });

  // Found bug: an internal error, for no renaming reaches into the list of dirty frames.
  it('ends in a breach of the same properties where the state is that of no sound host', () => {
    const scope = wholeScope('qingtian-2x4x2x2');
    const host = plant(scope.build(), faultNamed('scrub-forgotten-by-failed-step'));
    const model = createRememberingModel(scope, { reduced: true, host });
    const { found, visited } = search(model);
    if (found === undefined) throw new Error('not met');
    const first = new Int32Array(model.words);
    visited.read(0, first);
    expect(realPath(model, first, found)).toHaveLength(4);
  });

  it('that no move leads along is none', () => {
    const { scope } = TINY[0];
    const model = createRememberingModel(scope, { reduced: true });
    const first = new Int32Array(model.words);
    model.begin(first);
    const breach = { properties: ['no-such'], message: 'nothing breaks it' };
    expect(realPath(model, first, { path: [0], breach })).toBeUndefined();
  });
});
