/**
 * Entries for words that a person writes into a file or reads in a rule, and that are no codes: the
 * choices of places in memory and of parents, and the models of the hypervisor.
 *
 * Invariant: each policy that there is has an entry (of extents the table below does not compile without
 * one; of fleets a test asks). Trade-off: other keys of a file are explained by its JSON Schema alone.
 */
import type { HypervisorModel } from '../../core/host/hypervisor.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import type { Entry } from './entry.js';

interface Words {
  readonly means: string;
  readonly remedy: string;
}

export function settingEntries(): Entry[] {
  return Object.entries({ ...KEYS, ...POLICIES, ...HYPERVISORS }).map(([code, words]) => ({
    code,
    family: 'setting',
    also: [],
    ...words,
    saidBy: 'this model, in scenario and fleet files and in what it says of them',
    raisedBy: [],
    source: SOURCE,
  }));
}

const SOURCE = 'this model: the platforms publish neither how they choose nor what they check';
const IN_PARENT = 'Give it as `extentPolicy` in the `parent`, beside `memoryLayout`.';
const IN_FLEET = 'Give it as `policy` at the top of a fleet file, or as an axis of a sweep.';
const IN_BOTH =
  'Give it as `extentPolicy` in the `parent`, or as `policy` at the top of a fleet file.';

const KEYS: Readonly<Record<string, Words>> = {
  extentPolicy: {
    means:
      'How places in the memory of one node are chosen: granule-aware (the default), best-fit or first-fit.',
    remedy: `${IN_PARENT} In a sweep it is the axis \`fleet[0].parent.extentPolicy\`.`,
  },
  policy: {
    means: 'How a fleet chooses the parent and the nodes of an ask; the parent’s own rules decide.',
    remedy: `${IN_FLEET} Of places in memory see extentPolicy.`,
  },
};

const EXTENTS: Readonly<Record<PolicyName, Words>> = {
  'granule-aware': {
    means: 'Places in memory so chosen that runs of whole, aligned 1 GiB stay whole.',
    remedy: IN_PARENT,
  },
  'best-fit': {
    means:
      'Of extents: the shortest free run that is long enough. Of a fleet: the node with the least memory left over.',
    remedy: IN_BOTH,
  },
  'first-fit': {
    means:
      'Of extents: the lowest free run that is long enough. Of a fleet: the first parent that fits.',
    remedy: IN_BOTH,
  },
};

const POLICIES: Readonly<Record<string, Words>> = {
  ...EXTENTS,
  'worst-fit': {
    means: 'The parent on whose node the most memory is left over.',
    remedy: IN_FLEET,
  },
  'node-local-pack': {
    means: 'Parents in use come first, there nodes in use, the fullest first.',
    remedy: IN_FLEET,
  },
  'keep-1g': {
    means: 'The parent where the fewest whole runs of 1 GiB go, if loose memory is used first.',
    remedy: IN_FLEET,
  },
  'lifetime-aware': {
    means:
      'A parent that is kept no longer by it, of those the one that ends next; else the one kept least longer.',
    remedy: IN_FLEET,
  },
};

const HYPERVISORS: Readonly<Record<HypervisorModel['kind'], Words>> = {
  isolating: {
    means:
      'A hypervisor that refuses what would break isolation, each with an errno of its own: our declared model of one.',
    remedy:
      'Nothing to correct: scenarios and fleets run on it. The checks of the real ones are not public.',
  },
  permissive: {
    means:
      'A hypervisor that accepts whatever it is not told to refuse, as the one behind the recordings.',
    remedy:
      "Nothing to correct: `conform` replays on it, and the library takes it as `hypervisor: { kind: 'permissive' }`.",
  },
};
