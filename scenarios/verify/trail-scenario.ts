/**
 * A path to a breach as a scenario file: what `verify` prints, for `run --audit` to meet again.
 *
 * The scope's host is described by its numbers and each move is a `command`, so the file stands on
 * its own and can be read, shortened and kept. Invariant: the host it describes equals the scope's.
 * Trade-off: a planted fault is code and cannot be written down; the title names it.
 */
import { Document, isCollection } from 'yaml';
import type { Trail } from '../../core/explore/trail.js';
import type { Host } from '../../core/host/host.js';
import { canonicalJson } from '../../core/journal/codec.js';
import { formatCpulist } from '../../core/topology/cpulist.js';
import { SCENARIO_VERSION } from '../schema/scenario.js';

/**
 * YAML text of the scenario.
 * @param host a fresh host of the trail's scope
 * @param breach what the search found at its end, in words
 */
export function trailScenario(
  { scope, fault, commands }: Trail,
  host: Host,
  breach: string,
): string {
  const { topology, options, profile } = host;
  const planted = fault === undefined ? '' : `, with the fault ${fault} planted`;
  const free = host.memory.map(({ base, frameKib }) => [[0, `${base.frames * frameKib}KiB`]]);
  const document = new Document({
    schemaVersion: SCENARIO_VERSION,
    title: `A breach in ${scope}${planted}`,
    teaches: breach.slice(0, 400),
    platform: profile.id,
    parent: {
      topology: {
        architecture: topology.architecture,
        pageSizes: topology.pageSizesKib.map((kib) => `${kib}KiB`),
        cores: topology.cores.map(formatCpulist),
        nodes: topology.nodes.map(({ cpus }, i) => {
          const { base, frameKib } = host.memory[i];
          return { cpus: formatCpulist(cpus), memory: (base.frames * frameKib) / 1024 };
        }),
      },
      memoryLayout: { kind: 'explicit', free },
    },
    ...(Object.keys(options).length > 0 ? { options } : {}),
    workload: {
      timeline: commands.map((command) => ({ command: JSON.parse(canonicalJson(command)) })),
    },
  });
  inOneLine(document, ['parent', 'memoryLayout', 'free']);
  for (const i of commands.keys()) inOneLine(document, ['workload', 'timeline', i, 'command']);
  return document.toString({ lineWidth: 0 });
}

function inOneLine(document: Document, path: readonly (string | number)[]): void {
  const node = document.getIn(path, true);
  if (isCollection(node)) node.flow = true;
}
