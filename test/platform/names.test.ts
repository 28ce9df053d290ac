/** The names of platforms: what each stands for, and the profile behind it. */
import { describe, expect, it } from 'vitest';
import { platformNamed, profileIds } from '../../core/platform/names.js';
import { findProfile } from '../../core/platform/registry.js';

/** Name, platform, the dated id of its profile. */
const NAMES = [
  ['qingtian', 'qingtian', 'qingtian@2022-10'],
  ['qingtian@2022-10', 'qingtian', 'qingtian@2022-10'],
  ['qingtian@2022-11', 'qingtian', 'qingtian@2022-11'],
  ['qingtian@2023-06', 'qingtian', 'qingtian@2023-06'],
  ['qingtian@2024-04', 'qingtian', 'qingtian@2024-04'],
  ['nitro', 'nitro', 'nitro@cli-1.5.0'],
  ['nitro@cli-1.5.0', 'nitro', 'nitro@cli-1.5.0'],
  ['vm', 'vm', 'vm@1'],
  ['vm@1', 'vm', 'vm@1'],
] as const;

describe('names of platforms', () => {
  it.each(NAMES)('%s is %s, by the profile %s', (name, platform, id) => {
    expect(platformNamed(name)?.platform).toBe(platform);
    expect(findProfile(name)).toMatchObject({ platform, id });
  });

  it('are all listed, each once', () => {
    const listed = profileIds();
    expect(listed).toEqual(expect.arrayContaining(NAMES.map(([name]) => name)));
    expect(new Set(listed).size).toBe(listed.length);
    for (const name of listed) expect(findProfile(name)?.platform).toBe(name.split('@')[0]);
  });

  it.each(['', 'xen', 'qingtian@1999-01', 'nitro@2', 'vm@2', 'QINGTIAN', 'toString'])(
    '"%s" is none',
    (name) => {
      expect(platformNamed(name)).toBeUndefined();
      expect(findProfile(name)).toBeUndefined();
    },
  );
});
