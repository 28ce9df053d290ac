/**
 * The names of all platform profiles: "qingtian", "nitro", "vm", or a dated id such as
 * "qingtian@2022-11".
 *
 * Invariant: the one list of platforms; a bare name means its default profile. It loads none of
 * them, so a program can check a name first and then load only the platform that it needs.
 */
import type { PlatformId } from './profile.js';
import { QINGTIAN_VERSIONS, type QingtianVersionId } from './qingtian/versions.js';

export interface PlatformName {
  readonly platform: PlatformId;
  /** Of QingTian's documents; absent = the default one. */
  readonly version?: QingtianVersionId;
}

const NAMES: ReadonlyMap<string, PlatformName> = new Map<string, PlatformName>([
  ['qingtian', { platform: 'qingtian' }],
  ...QINGTIAN_VERSIONS.map(
    ({ id }) => [`qingtian@${id}`, { platform: 'qingtian', version: id }] as const,
  ),
  ['nitro', { platform: 'nitro' }],
  ['nitro@cli-1.5.0', { platform: 'nitro' }],
  ['vm', { platform: 'vm' }],
  ['vm@1', { platform: 'vm' }],
]);

/** What a name stands for, or undefined. */
export function platformNamed(name: string): PlatformName | undefined {
  return NAMES.get(name);
}

/** Every name there is. */
export function profileIds(): string[] {
  return [...NAMES.keys()];
}
