/**
 * Loads a platform by name: its profile, and the surface through which a scenario drives it.
 *
 * Invariant: only the modules of the platform that was asked for are loaded, which is a good part of
 * what a small run costs. A surface is made anew per run, since it may keep its tools' processes.
 */
import { type PlatformName, platformNamed } from '../../core/platform/names.js';
import type { PlatformId, Profile } from '../../core/platform/profile.js';
import type { Surface } from './surface.js';

export interface Platform {
  readonly profile: Profile;
  readonly newSurface: () => Surface;
}

type Loader = (version: PlatformName['version']) => Promise<Platform>;

const LOADERS: Readonly<Record<PlatformId, Loader>> = {
  qingtian: async (version) => {
    const { qingtianProfile } = await import('../../core/platform/qingtian/profile.js');
    const { qingtianSurface } = await import('./qingtian-surface.js');
    return { profile: qingtianProfile(version), newSurface: () => qingtianSurface };
  },
  nitro: async () => {
    const { nitroProfile } = await import('../../core/platform/nitro/profile.js');
    const { nitroSurface } = await import('./nitro-surface.js');
    return { profile: nitroProfile(), newSurface: nitroSurface };
  },
  vm: async () => {
    const { vmProfile } = await import('../../core/platform/vm/profile.js');
    const { vmSurface } = await import('./vm-surface.js');
    return { profile: vmProfile(), newSurface: () => vmSurface };
  },
};

/** The platform of that name; throws on a name that core/platform/names.ts does not list. */
export async function loadPlatform(name: string): Promise<Platform> {
  const found = platformNamed(name);
  if (found === undefined) throw new Error(`no platform "${name}"`);
  return LOADERS[found.platform](found.version);
}
