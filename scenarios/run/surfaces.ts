/**
 * Which surface drives a platform. Invariant: one per platform of the registry, made anew per run,
 * since a surface may keep the processes of its tools.
 */
import type { PlatformId } from '../../core/platform/profile.js';
import { nitroSurface } from './nitro-surface.js';
import { qingtianSurface } from './qingtian-surface.js';
import type { Surface } from './surface.js';
import { vmSurface } from './vm-surface.js';

export const SURFACES: Readonly<Record<PlatformId, () => Surface>> = {
  qingtian: () => qingtianSurface,
  nitro: nitroSurface,
  vm: () => vmSurface,
};
