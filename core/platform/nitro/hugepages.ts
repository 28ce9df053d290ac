/**
 * Writing nr_hugepages of one node and size, as the reservation script does (nitro RULES.md
 * §4.1.4).
 *
 * Linux gives what it can and calls it success; only text that is no number is refused. Invariant:
 * pages in use or promised to a mapping stay, whatever is written.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { nodePosition } from '../../host/physical.js';
import { parseHugepageCount, planHugepages } from '../../memory/hugepages.js';
import { pagesOf } from '../../memory/node-memory.js';
import { firstRefusal, PASS, type Rule, refuse } from '../rule.js';
import { done, openCall, refused } from './call.js';
import { driverRow } from './row.js';
import { availablePages } from './tasks.js';

type WriteHugepages = CommandOf<'nitro.write-hugepages'>;

interface HugepagesContext {
  readonly command: WriteHugepages;
  /** Position of the node and index of the size; -1 = none such. */
  readonly node: number;
  readonly size: number;
}

const ENODEV = 19;
const EINVAL = 22;
const ERANGE = 34;

export const HUGEPAGES_RULES: readonly Rule<HugepagesContext>[] = [
  driverRow({
    id: 'hugepages-file',
    sentence: 'The node has a count file for this page size.',
    source: '§4.1.4 step 3',
    number: ENODEV,
    layer: 'parent',
    remedy: 'Name a node and a page size that this host has.',
    check: ({ node, size, command }) =>
      node < 0 || size < 0
        ? refuse({ node: command.node, pageKib: command.pageKib }, 'there is no such count file')
        : PASS,
  }),
  countRow('hugepages-number', -EINVAL, 'The text is a number that is not negative.'),
  countRow('hugepages-count', -ERANGE, 'The number is below 2^64.'),
];

export function writeHugepages(host: Host, command: WriteHugepages): Decision {
  const call = openCall();
  const node = nodePosition(host.topology, command.node);
  const size = host.topology.pageSizesKib.indexOf(command.pageKib);
  const refusal = firstRefusal(HUGEPAGES_RULES, { command, node, size });
  if (refusal !== undefined) return refused(call, refusal);
  const count = parseHugepageCount(command.text);
  if (!count.ok) throw new Error('a passed write has a count');
  const memory = host.memory[node];
  const spare = Math.max(0, availablePages(host, size));
  const target = Math.max(count.pages, pagesOf(memory.pools[size]) - spare);
  const { grow, runs, resulting } = planHugepages(memory, size, target);
  if (runs.length > 0) call.effects.push({ kind: 'resize-pages', node, size, runs, grow });
  return done(call, { pages: resulting });
}

function countRow(id: string, rc: number, sentence: string): Rule<HugepagesContext> {
  return driverRow({
    id,
    sentence,
    source: '§4.1.4 step 7; Linux kstrtoul',
    number: -rc,
    layer: 'parent',
    remedy: 'Write a page count.',
    check: ({ command: { text } }) => {
      const count = parseHugepageCount(text);
      return !count.ok && count.errno === rc ? refuse({ text }, `"${text}" is no count`) : PASS;
    },
  });
}
