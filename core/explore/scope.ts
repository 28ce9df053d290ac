/**
 * A scope: a small host and the moves that are tried in each of its states.
 *
 * Scopes grow in pages, cores and enclaves, never by padding: what is in a scope's state, some rule
 * or invariant reads. Invariant: a move names enclaves by their operator's place and mappings
 * by position, so that it means the same in every state. Trade-off: requests are the few
 * that differ for the rules; a scope says nothing about sizes it does not list.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { createHost } from '../host/host.js';
import type { HypervisorModel } from '../host/hypervisor.js';
import { recordOf } from '../host/records.js';
import { createNodeMemory, type StoreFactory } from '../memory/node-memory.js';
import type { NamedOptions, PlatformId, Profile } from '../platform/profile.js';
import { regularCores, regularNodes } from '../topology/regular.js';
import { buildTopology } from '../topology/topology.js';
import { FrameLine } from './frame-line.js';

export interface Move {
  readonly label: string;
  /** The place that this move fills with a new enclave; there is none while the place is taken. */
  readonly fills?: number;
  /** Id of the rule that it is tried for: that one refuses it, in some state of the scope. */
  readonly meets?: string;
  /** The command in this state; undefined = there is no such move here. */
  readonly command: (host: Host) => Command | undefined;
}

/** Which renamings leave the rules of a scope as they are. */
export interface Symmetry {
  /** Operators may change places: their enclaves and their tasks (place + 1) with them. */
  readonly places: boolean;
  /** CIDs that may change names among each other. */
  readonly cids: readonly number[];
}

export interface Scope {
  readonly name: string;
  readonly platform: PlatformId;
  readonly sentence: string;
  /** `small` ones run by default and in every push, `large` ones on demand. */
  readonly size: 'small' | 'large';
  /** Most enclave records at once. */
  readonly places: number;
  readonly build: () => Host;
  readonly moves: readonly Move[];
  readonly symmetry: Symmetry;
  /**
   * Lists may disagree, as long as nobody runs on what another has: named quirks of the platform make
   * them. Without this a breach on paper is a breach.
   */
  readonly onPaper?: true;
  /** Ids of `sometimes` properties that this scope is too small to reach. */
  readonly beyond?: readonly string[];
  /** Frames that nobody holds in any state, on purpose; any other such frame is padding. */
  readonly idle?: readonly IdleFrames[];
}

export interface IdleFrames {
  /** Its position. */
  readonly node: number;
  readonly frames: readonly number[];
  readonly why: string;
}

export interface SmallShape {
  readonly profile: Profile;
  readonly nodes: number;
  readonly coresPerNode: number;
  readonly threadsPerCore: number;
  /** Frames of each node, all of them free. */
  readonly frames: number;
  readonly frameMib: number;
  /** By default the frame alone. */
  readonly pageSizesMib?: readonly number[];
  readonly options?: NamedOptions;
  readonly hypervisor?: Partial<HypervisorModel>;
}

/** A host of few frames, kept in frame lines. Throws when the shape is impossible. */
export function buildSmallHost(shape: SmallShape, line: StoreFactory = oneLine): Host {
  const { profile, nodes, frames, frameMib, pageSizesMib = [frameMib] } = shape;
  const { threadsPerCore, coresPerNode } = shape;
  const cores = regularCores({ cores: nodes * coresPerNode, threadsPerCore });
  const pageSizesKib = pageSizesMib.map((mib) => mib * 1024);
  const built = buildTopology({ cores, nodes: regularNodes(cores, nodes), pageSizesKib });
  if ('problems' in built) throw new Error(built.problems[0].message);
  const resolved = profile.resolveOptions(shape.options ?? {});
  if ('problems' in resolved) throw new Error(resolved.problems.join('; '));
  const { topology } = built;
  return createHost({
    profile,
    options: resolved.options,
    parent: {
      flavor: profile.parentDefaults.flavor ?? 'custom',
      region: profile.parentDefaults.region,
      os: 'linux',
      bareMetal: false,
      memoryMib: nodes * frames * frameMib,
    },
    topology,
    hypervisor: { ...profile.hypervisor, ...shape.hypervisor },
    memory: topology.nodes.map(({ id }) =>
      createNodeMemory({ node: id, frameKib: frameMib * 1024, frames, pageSizesKib }, line),
    ),
  });
}

function oneLine(frames: number, _tag: number, granuleFrames: number): FrameLine {
  return new FrameLine(frames, granuleFrames);
}

/** Numbers 0 … count - 1. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Uid of the enclave at a place, if there is one. */
export function uidAt({ tree, hypervisor }: Host, place: number): number | undefined {
  const uid = hypervisor.firstSlot + place;
  return recordOf(tree, uid) === undefined ? undefined : uid;
}
