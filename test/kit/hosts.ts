/**
 * Small hosts for tests: a few cores, a few GiB, every frame free, so that limits are met soon.
 *
 * Invariant: a host is built by the one way in (`describeHost`); what a test leaves open is the
 * smallest shape on which all rules of the platform can both hold and fail.
 */
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import type { HypervisorModel } from '../../core/host/hypervisor.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import type { NamedOptions, Profile } from '../../core/platform/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { regularCores, regularNodes, type SiblingNumbering } from '../../core/topology/regular.js';

export interface SmallHost {
  readonly nodes?: number;
  readonly coresPerNode?: number;
  readonly threadsPerCore?: number;
  readonly numbering?: SiblingNumbering;
  /** MiB of each node, a multiple of 2; below 3 GiB no PCI hole lies in between. */
  readonly memoryMibPerNode?: number;
  /** MiB of each node, from its lowest address, that are the parent's own for good; by default 0. */
  readonly footprintMibPerNode?: number;
  /** The parent has been up so long, and has no other footprint: that of seed 1. */
  readonly uptimeDays?: number;
  /** Ascending; by default 2 MiB and 1 GiB. */
  readonly pageSizesKib?: readonly number[];
  /** CPUs that are present but offline at boot. */
  readonly offline?: readonly number[];
  readonly options?: NamedOptions;
  readonly hypervisor?: Partial<HypervisorModel>;
}

/** Two nodes of four 2-thread cores and 2 GiB, all of it free, unless told otherwise. */
export function smallHost(profile: Profile, shape: SmallHost = {}): Host {
  const { nodes = 2, coresPerNode = 4, threadsPerCore = 2, memoryMibPerNode = 2048 } = shape;
  const cores = regularCores({
    cores: nodes * coresPerNode,
    threadsPerCore,
    numbering: shape.numbering ?? 'block',
  });
  const footprintKib = (shape.footprintMibPerNode ?? 0) * 1024;
  const free: readonly (readonly [number, number])[] = [
    [footprintKib, memoryMibPerNode * 1024 - footprintKib],
  ];
  const described = describeHost({
    profile,
    topology: {
      cores,
      nodes: regularNodes(cores, nodes),
      ...(shape.pageSizesKib === undefined ? {} : { pageSizesKib: shape.pageSizesKib }),
      ...(shape.offline === undefined ? {} : { offline: shape.offline }),
    },
    memoryMib: Array.from({ length: nodes }, () => memoryMibPerNode),
    layout:
      shape.uptimeDays === undefined
        ? { kind: 'explicit', freeKib: Array.from({ length: nodes }, () => free) }
        : { kind: 'uptime', days: shape.uptimeDays, seed: 1 },
    ...(shape.options === undefined ? {} : { options: shape.options }),
    ...(shape.hypervisor === undefined ? {} : { hypervisor: shape.hypervisor }),
  });
  if ('problems' in described) {
    throw new Error(
      described.problems.map(({ path, message }) => `${path}: ${message}`).join('; '),
    );
  }
  return described.host;
}

export function qingtianHost(shape: SmallHost = {}): Host {
  return smallHost(qingtianProfile(), shape);
}

export function nitroHost(shape: SmallHost = {}): Host {
  return smallHost(nitroProfile(), shape);
}

export function vmHost(shape: SmallHost = {}): Host {
  return smallHost(vmProfile(), shape);
}
