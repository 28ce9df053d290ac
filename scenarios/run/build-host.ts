/**
 * From a scenario to a host on a platform: translates the parent, and keeps the words on where each
 * fact comes from.
 *
 * Invariant: every problem of a description is returned; only what the loader has checked is trusted.
 */
import { type Described, describeHost, type MemoryLayout } from '../../core/host/describe.js';
import type { Profile } from '../../core/platform/profile.js';
import type { TopologySpec } from '../../core/topology/topology.js';
import { counted } from '../../core/units/counted.js';
import { holesOf, specOfTopology } from '../schema/parent-topology.js';
import type { Finding } from '../schema/problem.js';
import type { Scenario } from '../schema/scenario.js';

/** The part of a scenario that says what its parent is. */
export type ParentScenario = Pick<Scenario, 'parent' | 'options' | 'seed'>;

export function buildHost(scenario: ParentScenario, profile: Profile): Described {
  const { parent, options, seed } = scenario;
  const { type, topology, flavor, region, os, bareMetal, extentPolicy } = parent;
  const described = describeHost({
    profile,
    type,
    topology: topology === undefined ? undefined : specOf(topology),
    memoryMib: topology?.nodes.map(({ memory }) => memory),
    holesKib: topology === undefined ? undefined : holesOf(topology),
    layout: layoutOf(scenario, seed),
    extentPolicy,
    parent: { flavor, region, os, bareMetal },
    options: optionsFor(profile.platform, options),
  });
  if ('problems' in described) return described;
  return { ...described, provenance: [...described.provenance, ...memoryProvenance(parent)] };
}

/** What of the memory is not as it is by default. */
function memoryProvenance({ memoryLayout, extentPolicy }: ParentScenario['parent']): string[] {
  const lines: string[] = [];
  if (memoryLayout.kind === 'uptime') {
    const days = `${counted(memoryLayout.days, 'day')} of uptime`;
    lines.push(`memory layout: ${days}, drawn; fresh once the parent is restarted`);
  }
  if (extentPolicy !== undefined) lines.push(`places for extents: ${extentPolicy}, as given`);
  return lines;
}

/** What a platform says of each option by itself, at the option's own key. */
export function optionFindings(options: Scenario['options'], profile: Profile): Finding[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const resolved = profile.resolveOptions(optionsFor(profile.platform, { [key]: value }));
    if (!('problems' in resolved)) return [];
    return resolved.problems.map((message) => ({ path: ['options', key], message }));
  });
}

/** Options may be given for one platform only: "nitro.allocator"; others take unprefixed ones. */
export function optionsFor(platform: string, options: Scenario['options']): Scenario['options'] {
  const mine: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(options)) {
    const [prefix, rest] = name.includes('.') ? name.split('.', 2) : [platform, name];
    if (prefix === platform) mine[rest] = value;
  }
  return mine;
}

/** The loader has checked that it can be built. */
function specOf(input: NonNullable<Scenario['parent']['topology']>): TopologySpec {
  const read = specOfTopology(input);
  if ('findings' in read) throw new Error('the topology was not checked by the loader');
  return read.spec;
}

function layoutOf({ parent }: ParentScenario, seed: number): MemoryLayout {
  const layout = parent.memoryLayout;
  switch (layout.kind) {
    case 'fresh':
      return { kind: 'fresh' };
    case 'uptime':
      return { kind: 'uptime', days: layout.days, seed: layout.seed ?? seed };
    case 'explicit':
      return { kind: 'explicit', freeKib: layout.free };
  }
}
