/**
 * A small parent for nitro-cli tests: 8 CPUs as 4 cores of two threads, cores 1 and 2 in the pool.
 *
 * Invariant: node 0 has the pages asked for and nothing else; each test makes its own.
 */

import type { RunEnvironment } from '../../core/device/nitro-cli/launch.js';
import { createNitroCli, type NitroCli } from '../../core/device/nitro-cli/processes.js';
import { plainImage, type RunRequest } from '../../core/device/nitro-cli/request.js';
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { runInPlace } from '../../core/host/step.js';
import { createNodeMemory, reservePages } from '../../core/memory/node-memory.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { buildTopology } from '../../core/topology/topology.js';

const FRAME_KIB = 2048;

/** `pages`: size in MiB → free pages on node 0. */
export function smallParent(pages: Readonly<Record<number, number>>, pool = '1-2,5-6'): Host {
  const sizes = Object.keys(pages)
    .map(Number)
    .sort((a, b) => a - b);
  const pageSizesKib = sizes.map((mib) => mib * 1024);
  const built = buildTopology({
    cores: [
      [0, 4],
      [1, 5],
      [2, 6],
      [3, 7],
    ],
    nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4, 5, 6, 7] }],
    pageSizesKib,
  });
  if (!('topology' in built)) throw new Error('the small parent is well-formed');
  const frames = sizes.reduce((sum, mib) => sum + (mib / 2) * pages[mib], 0) + 1;
  const memory = createNodeMemory({ node: 0, frameKib: FRAME_KIB, frames, pageSizesKib });
  let start = 0;
  for (const [size, mib] of [...sizes.entries()].reverse()) {
    const length = (mib / 2) * pages[mib];
    if (length > 0) reservePages(memory, size, [start, length]);
    start += length;
  }
  const host = createHost({
    profile: nitroProfile(),
    options: {},
    parent: { flavor: 'custom', region: 'any', os: 'linux', bareMetal: false, memoryMib: 0 },
    topology: built.topology,
    hypervisor: NITRO_HYPERVISOR,
    memory: [memory],
  });
  runInPlace(host, { kind: 'nitro.write-pool', text: `${pool}\n` });
  return host;
}

export function asking(given: Partial<RunRequest> = {}): RunRequest {
  return {
    eifPath: '/images/hello.eif',
    memoryMib: 64n,
    cpus: { count: 2 },
    cid: 0n,
    debug: false,
    attachConsole: false,
    ...given,
  };
}

export function around(
  host: Host,
  given: Partial<RunEnvironment> = {},
  cli: NitroCli = createNitroCli('i-0abc'),
): RunEnvironment {
  return { cli, host, image: plainImage(1024 * 1024), localNode: 0, ...given };
}
