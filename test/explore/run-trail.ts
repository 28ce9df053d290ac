/** A trail's scenario file, loaded and run under audit, as `run --audit` does. */
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope } from '../../core/explore/scopes.js';
import type { Trail } from '../../core/explore/trail.js';
import type { Host } from '../../core/host/host.js';
import type { RunRecord } from '../../reports/record.js';
import { buildHost } from '../../scenarios/run/build-host.js';
import { loadPlatform } from '../../scenarios/run/platform.js';
import { runScenario } from '../../scenarios/run/run.js';
import { loadScenario } from '../../scenarios/schema/load.js';
import { scenarioPlatforms } from '../../scenarios/schema/platforms.js';
import type { Scenario } from '../../scenarios/schema/scenario.js';
import { trailScenario } from '../../scenarios/verify/trail-scenario.js';

function scopeOf({ scope }: Trail): Scope {
  const found = findScope(scope);
  if (found === undefined) throw new Error(`no scope ${scope}`);
  return found;
}

/** The scenario that the file says, and a host as it describes it. */
export function hostOfTrail(trail: Trail): Promise<{ scenario: Scenario; host: Host }> {
  return hostOf(trailScenario(trail, scopeOf(trail).build(), 'breach'));
}

/** @param planted with the trail's fault behind the platform's steps */
export function runTrail(trail: Trail, planted: boolean): Promise<RunRecord> {
  const fault = planted ? PLANTED_FAULTS.find(({ id }) => id === trail.fault) : undefined;
  return runTrailText(trailScenario(trail, scopeOf(trail).build(), 'breach'), fault);
}

export async function runTrailText(text: string, fault?: PlantedFault): Promise<RunRecord> {
  const { scenario, host: sound } = await hostOf(text);
  const host = fault === undefined ? sound : plant(sound, fault);
  const { newSurface } = await loadPlatform(host.profile.platform);
  const surface = newSurface();
  return runScenario({ scenario, file: 'trail.yaml', host, provenance: [], surface, audit: true });
}

async function hostOf(text: string): Promise<{ scenario: Scenario; host: Host }> {
  const loaded = loadScenario(text, 'trail.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { profile } = await loadPlatform(scenarioPlatforms(loaded.scenario)[0]);
  const built = buildHost(loaded.scenario, profile);
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  return { scenario: loaded.scenario, host: built.host };
}
