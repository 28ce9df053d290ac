/** Whom the faults end that end another enclave than the one named, and when they end nobody else. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { putRecord } from '../../core/host/records.js';
import { decide } from '../../core/host/step.js';
import { newEnclave } from '../../core/host/tree.js';
import { expectUntouched, faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const END: readonly (readonly [id: string, scope: string, end: (uid: number) => Command])[] = [
  ['stop-ends-another', 'qingtian-2x4x2x2', (uid) => ({ kind: 'qingtian.stop', uid })],
  ['close-frees-another', 'nitro-2x2x2x2', (slot) => ({ kind: 'nitro.close', slot })],
  ['terminate-ends-another', 'vm-2x3x2x3', (uid) => ({ kind: 'vm.terminate', uid })],
];

/** A host with an enclave of each uid. */
function hostWith(scope: string, ...uids: number[]): Host {
  const host = wholeScope(scope).build();
  const state = scope.startsWith('nitro') ? 'INIT' : 'running';
  for (const uid of uids)
    putRecord(host.tree, newEnclave({ uid, state, cid: uid + 3, fd: uid + 3 }));
  return host;
}

describe('an end of the wrong one', () => {
  it.each(END)('%s: the first beside the one that is named', (id, scope, end) => {
    const host = hostWith(scope, 1, 2, 3);
    const ended = (named: number): readonly Effect[] => {
      const { effects } = decide(host, end(named));
      expect(effects.length).toBeGreaterThan(0);
      return faultNamed(id).effects(effects, host, end(named));
    };
    expect(ended(1)).toEqual(decide(host, end(2)).effects);
    expect(ended(2)).toEqual(decide(host, end(1)).effects);
    expect(ended(3)).toEqual(decide(host, end(1)).effects);
  });

  it.each(END)('%s: nobody where nobody was to end, or there is no other', (id, scope, end) => {
    const { effects } = decide(hostWith(scope, 1, 2), end(1));
    expectUntouched(id, [], end(1), hostWith(scope, 1, 2));
    expectUntouched(id, effects, end(1), hostWith(scope, 1));
    expectUntouched(id, effects, { kind: 'parent.stop' }, hostWith(scope, 1, 2));
  });
});
