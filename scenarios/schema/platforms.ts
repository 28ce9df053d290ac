/**
 * Which platforms a scenario means: the ones it names, else that of the parent's vendor (a catalogue
 * type is EC2's, so nitro; an explicit topology is qingtian).
 */
import { isMapping, under } from './plain.js';
import type { Scenario } from './scenario.js';

/** Dated or bare names, at least one, in the order given. */
export function scenarioPlatforms(
  scenario: Pick<Scenario, 'parent' | 'platform'>,
): readonly string[] {
  return statedPlatforms(scenario) ?? [];
}

/** The same of a plain value; undefined when its `platform` or `parent` cannot be read. */
export function statedPlatforms(scenario: unknown): readonly string[] | undefined {
  const platform = under(scenario, 'platform');
  const parent = under(scenario, 'parent');
  if (platform === undefined) {
    if (!isMapping(parent)) return undefined;
    return [under(parent, 'type') === undefined ? 'qingtian' : 'nitro'];
  }
  const names: readonly unknown[] = Array.isArray(platform) ? platform : [platform];
  return names.every((name) => typeof name === 'string') ? names : undefined;
}

/** The family of a dated name: "qingtian@2022-10" is qingtian. */
export function familyOf(platform: string): string {
  return platform.split('@')[0];
}
