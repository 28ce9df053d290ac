/**
 * Finds a platform profile by any name of names.ts.
 *
 * Invariant: every platform of that list has its maker here. Trade-off: it loads all platforms;
 * a program that starts often loads the one it needs (scenarios/run/platform.ts).
 */
import { type PlatformName, platformNamed } from './names.js';
import { nitroProfile } from './nitro/profile.js';
import type { PlatformId, Profile } from './profile.js';
import { qingtianProfile } from './qingtian/profile.js';
import { vmProfile } from './vm/profile.js';

const MAKERS: Readonly<Record<PlatformId, (version: PlatformName['version']) => Profile>> = {
  qingtian: qingtianProfile,
  nitro: nitroProfile,
  vm: vmProfile,
};

/** The profile of that name, or undefined; a platform's bare name always has one. */
export function findProfile(name: PlatformId): Profile;
export function findProfile(name: string): Profile | undefined;
export function findProfile(name: string): Profile | undefined {
  const found = platformNamed(name);
  return found === undefined ? undefined : MAKERS[found.platform](found.version);
}
