/**
 * Which platforms a scenario means: the ones it names, else that of the parent's vendor (a catalogue
 * type is EC2's, so nitro; an explicit topology is qingtian).
 */
import type { Scenario } from './scenario.js';

/** Dated or bare names, at least one, in the order given. */
export function scenarioPlatforms({ platform, parent }: Scenario): readonly string[] {
  if (platform === undefined) return [parent.type === undefined ? 'qingtian' : 'nitro'];
  return typeof platform === 'string' ? [platform] : platform;
}

/** The family of a dated name: "qingtian@2022-10" is qingtian. */
export function familyOf(platform: string): string {
  return platform.split('@')[0];
}
