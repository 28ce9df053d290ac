/**
 * From a description of a parent VM to a host: the one way in for scenarios, tests and users.
 *
 * A parent is a catalogue type or an explicit topology with memory per node. Whatever the
 * description leaves open is filled from the catalogue or the profile, and `provenance` says in
 * words what was documented, measured, inferred, assumed or given: a report prints it.
 * Invariant: a description yields a host or the complete list of its problems, never a guess; a type
 * of unknown NUMA layout is a problem.
 */
import { MAX_FRAMES } from '../memory/extent-layout.js';
import { type Footprint, framesForNode, layFootprint } from '../memory/footprint.js';
import type { PolicyName } from '../memory/free-index.js';
import { type HoleKib, holeProblems, holesKibOf } from '../memory/holes.js';
import { createNodeMemory, type NodeMemory, poolsOf } from '../memory/node-memory.js';
import { POLICY_NAMES } from '../memory/policies.js';
import { profileIds } from '../platform/names.js';
import type { NamedOptions, Profile } from '../platform/profile.js';
import { isBurstable } from '../topology/burstable.js';
import { findInstanceType, nearestInstanceTypes } from '../topology/catalogue.js';
import { topologyOf } from '../topology/instance-topology.js';
import { buildTopology, type Topology, type TopologySpec } from '../topology/topology.js';
import { counted } from '../units/counted.js';
import type { FieldProblem } from '../units/field-checks.js';
import { descriptionProblems } from './description-shape.js';
import { createHost, type Host, type ParentFacts } from './host.js';
import type { HypervisorModel } from './hypervisor.js';

/** How the parent's own footprint lies in memory. */
export type MemoryLayout =
  | { readonly kind: 'fresh' }
  /** After days of uptime; once the parent is booted again it is as fresh. */
  | { readonly kind: 'uptime'; readonly days: number; readonly seed: number }
  /**
   * Per node, [startKib, lengthKib] of free memory. Addresses count the holes given by `holesKib`;
   * without those there are none, the x86 PCI hole included. A boot keeps it: what else would be free
   * then, a list of what is free now does not say.
   */
  | {
      readonly kind: 'explicit';
      readonly freeKib: readonly (readonly (readonly [number, number])[])[];
    };

export interface HostDescription {
  readonly profile: Profile;
  /** A catalogue type; either this or `topology` with `memoryMib`. */
  readonly type?: string;
  readonly topology?: TopologySpec;
  /** Usable MiB of each node, in the order of the topology's nodes; 0 = a node of CPUs only. */
  readonly memoryMib?: readonly number[];
  /**
   * Per node, the addresses without memory as [startKib, lengthKib] in whole frames, in place of
   * the x86 PCI hole that is assumed otherwise. Only beside `topology`.
   */
  readonly holesKib?: readonly (readonly HoleKib[])[];
  readonly layout?: MemoryLayout;
  /** How places for extents are chosen, in the nodes and in their page pools; granule-aware by default. */
  readonly extentPolicy?: PolicyName;
  readonly parent?: Partial<Pick<ParentFacts, 'flavor' | 'region' | 'os' | 'bareMetal'>>;
  readonly options?: NamedOptions;
  readonly hypervisor?: Partial<HypervisorModel>;
}

export interface DescriptionProblem {
  /** Dotted path inside the description. */
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
}

export type Described =
  | { readonly host: Host; readonly provenance: readonly string[] }
  | { readonly problems: readonly DescriptionProblem[] };

export function describeHost(description: HostDescription): Described {
  const misshapen = descriptionProblems(description);
  if (misshapen.length > 0) return { problems: misshapen.map(asProblem) };
  const resolved = description.profile.resolveOptions(description.options ?? {});
  const body =
    description.type === undefined
      ? explicitBody(description)
      : typeBody(description.type, description);
  const problems: DescriptionProblem[] = [];
  if ('problems' in resolved) {
    problems.push(...resolved.problems.map((message) => ({ path: 'options', message })));
  }
  if ('problems' in body) problems.push(...body.problems);
  if ('problems' in resolved || 'problems' in body) return { problems };
  const layout = description.layout ?? { kind: 'fresh' };
  const misfit = checkLayout(layout, body.topology.nodes.length);
  if (misfit !== undefined) return misfit;
  const { extentPolicy = 'granule-aware' } = description;
  if (!POLICY_NAMES.includes(extentPolicy)) {
    const known = POLICY_NAMES.join(', ');
    return problem('extentPolicy', `no policy for extents "${extentPolicy}": known are ${known}`);
  }
  const memory = layMemory(body, layout, extentPolicy);
  if ('problems' in memory) return memory;
  const { profile, parent, hypervisor } = description;
  const facts: ParentFacts = {
    flavor: parent?.flavor ?? profile.parentDefaults.flavor ?? body.flavor ?? 'custom',
    region: parent?.region ?? profile.parentDefaults.region,
    os: parent?.os ?? 'linux',
    bareMetal: parent?.bareMetal ?? body.bareMetal,
    ...(body.enclaves === undefined ? {} : { enclaves: body.enclaves }),
    memoryMib: body.usableMib.reduce((sum, mib) => sum + mib, 0),
  };
  const host = createHost({
    profile,
    options: resolved.options,
    parent: facts,
    topology: body.topology,
    hypervisor: { ...profile.hypervisor, ...hypervisor },
    memory: memory.nodes,
    uptimeRuns: memory.uptimeRuns,
  });
  const stands = body.flavor !== undefined && facts.flavor !== body.flavor;
  const assumed = `the shape of ${body.flavor} stands for a ${facts.flavor} parent: assumed`;
  return { host, provenance: stands ? [...body.provenance, assumed] : body.provenance };
}

function asProblem({ path, message, suggestion }: FieldProblem): DescriptionProblem {
  const at = { path: path.join('.'), message };
  if (at.path === 'profile' && suggestion === undefined) {
    return { ...at, suggestion: `findProfile knows ${profileIds().join(', ')}` };
  }
  return suggestion === undefined ? at : { ...at, suggestion };
}

interface Body {
  readonly topology: Topology;
  readonly installedMib: readonly number[];
  readonly usableMib: readonly number[];
  readonly holesKib?: readonly (readonly HoleKib[])[];
  readonly flavor?: string;
  readonly bareMetal: boolean;
  readonly enclaves?: ParentFacts['enclaves'];
  readonly provenance: readonly string[];
}

interface Problems {
  readonly problems: readonly DescriptionProblem[];
}

function problem(path: string, message: string, suggestion?: string): Problems {
  return {
    problems: [suggestion === undefined ? { path, message } : { path, message, suggestion }],
  };
}

function typeBody(
  type: string,
  { topology, memoryMib, holesKib }: HostDescription,
): Body | Problems {
  if (topology !== undefined || memoryMib !== undefined) {
    return problem('type', 'give a catalogue type or a topology, not both');
  }
  if (holesKib !== undefined) {
    return problem('holesKib', 'holes belong to an explicit topology', 'describe the topology too');
  }
  const found = findInstanceType(type);
  if (found === undefined) {
    const nearest = nearestInstanceTypes(type, 3).map(({ name }) => name);
    const suggestion =
      nearest.length > 0 ? `did you mean ${nearest.join(', ')}?` : 'listInstanceTypes() has all';
    return problem('type', `unknown instance type "${type}"`, suggestion);
  }
  const layout = topologyOf(found);
  if (!layout.known) {
    return problem('type', `${type}: ${layout.reason}`, 'describe its topology explicitly');
  }
  const { mib, how } = layout.usableMibPerNode;
  const share = Math.floor(found.memoryMib / mib.length);
  return {
    topology: layout.topology,
    installedMib: mib.map((usable) => Math.max(share, usable)),
    usableMib: mib,
    flavor: type,
    bareMetal: found.bareMetal,
    enclaves: found.enclaves,
    provenance: [
      `vCPUs and memory of ${type}: documented`,
      `CPUs of each node: ${layout.nodeCpus}; siblings: ${layout.siblings}`,
      `usable memory of each node: ${how}`,
      isBurstable(type)
        ? 'burstable: its cores serve other VMs in turn, so nothing is claimed about shared caches'
        : 'last-level caches: unknown',
    ],
  };
}

function explicitBody(description: HostDescription): Body | Problems {
  const { topology: spec, memoryMib, holesKib } = description;
  if (spec !== undefined && memoryMib === undefined) {
    const message = 'a topology needs the usable MiB of each of its nodes';
    return problem('memoryMib', message, `give a list of ${counted(spec.nodes.length, 'size')}`);
  }
  if (spec === undefined || memoryMib === undefined) {
    return problem('topology', 'give a catalogue type, or a topology with memory per node');
  }
  const built = buildTopology(spec);
  if ('problems' in built) {
    return {
      problems: built.problems.map(({ path, message }) => ({ path: `topology.${path}`, message })),
    };
  }
  const { nodes } = built.topology;
  if (memoryMib.length !== nodes.length) {
    const message = `${counted(memoryMib.length, 'memory size')} for ${counted(nodes.length, 'node')}`;
    return problem('memoryMib', message, 'give one size for each node, in their order');
  }
  const wrong = memoryMib.findIndex((mib) => !Number.isSafeInteger(mib) || mib < 0);
  if (wrong >= 0) {
    const message = `${memoryMib[wrong]} MiB on a node: a whole number of at least 0 is needed`;
    return problem(`memoryMib.${wrong}`, message);
  }
  if (memoryMib.every((mib) => mib === 0)) return problem('memoryMib', 'no node has memory');
  const holes = checkHoles(built.topology, memoryMib, holesKib);
  if (holes !== undefined) return holes;
  return {
    topology: built.topology,
    installedMib: memoryMib,
    usableMib: memoryMib,
    ...(holesKib === undefined ? {} : { holesKib }),
    bareMetal: false,
    provenance: [
      'topology and usable memory: given by the description',
      spec.lastLevelCaches === undefined
        ? 'last-level caches: unknown'
        : 'last-level caches: given by the description',
    ],
  };
}

function checkHoles(
  { nodes, pageSizesKib }: Topology,
  memoryMib: readonly number[],
  holesKib: HostDescription['holesKib'],
): Problems | undefined {
  if (holesKib === undefined) return undefined;
  if (holesKib.length !== nodes.length) {
    const message = `${counted(holesKib.length, 'list')} of holes for ${counted(nodes.length, 'node')}`;
    return problem('holesKib', message, 'give one list per node; [] for none');
  }
  const problems = holesKib.flatMap((holes, node) =>
    holeProblems(holes, { installedMib: memoryMib[node], frameKib: pageSizesKib[0] }).map(
      ({ index, message }) => ({ path: `holesKib.${node}.${index}`, message }),
    ),
  );
  return problems.length === 0 ? undefined : { problems };
}

/** A century. Draws grow with days and memory: a year on 24 TiB takes seconds. */
const MOST_DAYS = 36_525;

/** Whatever a layout says that no footprint could follow; lists are counted before they are laid. */
function checkLayout(layout: MemoryLayout, nodes: number): Problems | undefined {
  const { kind } = layout;
  switch (kind) {
    case 'fresh':
      return undefined;
    case 'uptime': {
      const { days, seed } = layout;
      if (!Number.isSafeInteger(days) || days < 0 || days > MOST_DAYS) {
        const message = `${days} days: a whole number from 0 to ${MOST_DAYS} is needed`;
        return problem('layout.days', message);
      }
      if (Number.isInteger(seed) && seed >= -(2 ** 31) && seed < 2 ** 32) return undefined;
      return problem('layout.seed', `seed ${seed}: a whole number of 32 bits is needed`);
    }
    case 'explicit': {
      const { freeKib } = layout;
      if (freeKib.length === nodes) return undefined;
      return problem(
        'layout.freeKib',
        `${counted(freeKib.length, 'list')} of free memory for ${counted(nodes, 'node')}`,
        'give one list per node; [] for none',
      );
    }
    default:
      return problem('layout.kind', `layout ${kind}: known are fresh, uptime and explicit`);
  }
}

/** Each node with what days of uptime had taken of it; both by node position. */
interface LaidMemory {
  readonly nodes: NodeMemory[];
  readonly uptimeRuns: (readonly number[])[];
}

/** Builds each node's stores and lays holes and the parent's footprint into them. */
function layMemory(
  body: Body,
  layout: MemoryLayout,
  extentPolicy: PolicyName,
): LaidMemory | Problems {
  const { topology, installedMib, usableMib, holesKib } = body;
  const nodes: NodeMemory[] = [];
  const uptimeRuns: (readonly number[])[] = [];
  // Firmware and kernel are where memory begins.
  const firstWithMemory = installedMib.findIndex((mib) => mib > 0);
  for (const [position, { id }] of topology.nodes.entries()) {
    const bootNode = position === firstWithMemory;
    // An explicit free list says where its addresses have gaps, or has none.
    const assumed = holesKib === undefined && layout.kind !== 'explicit';
    const pciHole = assumed && topology.architecture === 'x86_64';
    const holes = holesKib?.[position] ?? [];
    const frameKib = topology.pageSizesKib[0];
    const line = installedMib[position] + holesKibOf(holes) / 1024;
    const frames = framesForNode(line, frameKib, bootNode && pciHole);
    if (frames > MAX_FRAMES) {
      const most = Math.floor((MAX_FRAMES * frameKib) / 1024);
      return problem(`memoryMib.${position}`, `${line} MiB on a node: at most ${most} fit`);
    }
    const shape = { node: id, frameKib, frames, pageSizesKib: topology.pageSizesKib };
    const memory = createNodeMemory(shape, poolsOf(extentPolicy));
    const usable = { usableMib: usableMib[position], bootNode, pciHole };
    try {
      uptimeRuns.push(
        layFootprint(memory, footprintOf(layout, position, usable), holes).uptimeRuns,
      );
    } catch (error) {
      // The footprint throws on contradictions of a description (overlaps, more free than there is).
      return problem(`layout.${position}`, error instanceof Error ? error.message : String(error));
    }
    nodes.push(memory);
  }
  return { nodes, uptimeRuns };
}

function footprintOf(
  layout: MemoryLayout,
  position: number,
  usable: { usableMib: number; bootNode: boolean; pciHole: boolean },
): Footprint {
  if (layout.kind === 'fresh') return { kind: 'fresh', ...usable };
  if (layout.kind === 'explicit') {
    return { kind: 'explicit', freeKib: layout.freeKib[position] };
  }
  return { kind: 'uptime', days: layout.days, seed: layout.seed, ...usable };
}
