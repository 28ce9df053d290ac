/** The parts of a parent's end: which there are, whose enclave each ends, and where there are none. */
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../core/explore/host-keys.js';
import { createParentParts } from '../../core/explore/parent-parts.js';
import type { Host } from '../../core/host/host.js';
import { wholeScope } from './tiny-scopes.js';

const LAYOUT = layoutOf(2, 2);
const nitro = wholeScope('nitro-2x2x2x2').build();
const qingtian = wholeScope('qingtian-2x4x2x2').build();

describe('the parts of a parent’s end', () => {
  it.each([
    // The enclaves, the tasks where the platform has such, CPUs, reservation, pages of each node.
    ['Nitro', nitro, [0, 1, -1, -1, -1, -1, -1]],
    ['QingTian', qingtian, [0, 1, -1, -1, -1, -1]],
  ])('of %s are of the enclave that they end, else of none', (_, host, places) => {
    expect(createParentParts(host, LAYOUT).parts.map(({ place }) => place)).toEqual(places);
  });

  it.each([nitro, qingtian])('stand for all that a stop does', (host) => {
    const parts = createParentParts(host, LAYOUT);
    const { profile } = parts.faceWithTokens(host);
    const stop = profile.steps['parent.stop'];
    const effects = stop?.(host, { kind: 'parent.stop' }).effects ?? [];
    const known = effects.map((effect) => parts.partOf(effect));
    const ofHost = parts.parts.flatMap(({ place }, part) => (place < 0 ? [part] : []));
    expect(known.filter((part) => part !== undefined).sort()).toEqual(ofHost);
  });

  it.each(['parent.stop', 'parent.crash', 'parent.terminate'] as const)(
    'are none where %s is a step of another kind',
    (kind) => {
      const { parts, faceWithTokens, partOf } = createParentParts(wrapped(nitro, kind), LAYOUT);
      expect(parts).toEqual([]);
      expect(faceWithTokens(nitro)).toBe(nitro);
      expect(partOf({ kind: 'set-online', cpu: 0, to: 1 })).toBeUndefined();
    },
  );
});

/** The host with one step that does the same and is another function. */
function wrapped(host: Host, kind: 'parent.stop' | 'parent.crash' | 'parent.terminate'): Host {
  const { profile } = host;
  const step = profile.steps[kind];
  if (step === undefined) throw new Error(`no step ${kind}`);
  const steps = { ...profile.steps, [kind]: step.bind(undefined) };
  return { ...host, profile: { ...profile, steps } };
}
