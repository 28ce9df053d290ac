/**
 * All platform profiles by name: "qingtian", "nitro", "vm", or a dated id such as "qingtian@2022-11".
 *
 * Invariant: the one place that lists platforms; a bare name is its default profile.
 */
import { nitroProfile } from './nitro/profile.js';
import type { Profile } from './profile.js';
import { qingtianProfile } from './qingtian/profile.js';
import { QINGTIAN_VERSIONS } from './qingtian/versions.js';
import { vmProfile } from './vm/profile.js';

const MAKERS: ReadonlyMap<string, () => Profile> = new Map<string, () => Profile>([
  ['qingtian', () => qingtianProfile()],
  ...QINGTIAN_VERSIONS.map(({ id }) => [`qingtian@${id}`, () => qingtianProfile(id)] as const),
  ['nitro', nitroProfile],
  ['nitro@cli-1.5.0', nitroProfile],
  ['vm', vmProfile],
  ['vm@1', vmProfile],
]);

/** The profile of that name, or undefined. */
export function findProfile(name: string): Profile | undefined {
  return MAKERS.get(name)?.();
}

/** Every name `findProfile` knows. */
export function profileIds(): string[] {
  return [...MAKERS.keys()];
}
