/**
 * Entries for the words of a report that are no codes: stages, reasons why capacity is stranded, owners
 * in the maps.
 *
 * Invariant: every word that a record can hold there has an entry: the tables below do not compile
 * without one for each reason and each owner. Trade-off: enclaves own by their names, which need no entry.
 */
import type { PlatformId } from '../../core/platform/profile.js';
import type { Stranded } from '../../reports/record.js';
import type { KnownOwnerName } from '../../reports/terminal/owner-glyph.js';
import { STAGES } from '../run/stages.js';
import type { Entry } from './entry.js';

export function stageEntries(): Entry[] {
  return (Object.keys(STAGES) as PlatformId[]).flatMap((platform) =>
    STAGES[platform].map(({ name, means }) => ({
      code: name,
      family: 'stage' as const,
      also: [],
      means,
      saidBy: `this model, of a launch or a reservation (${platform})`,
      raisedBy: [],
      remedy: 'Look at the refusal beside it: its code or rule says what to do.',
      note: `in a scenario: expect a refusal there with \`stage: ${name}\``,
      source: 'this model: the steps of each platform\u2019s programs',
    })),
  );
}

export function strandedEntries(): Entry[] {
  return Object.entries(STRANDED).map(([code, { means, remedy }]) => ({
    code,
    family: 'stranded',
    also: [],
    means,
    saidBy: 'this model, in the part Stranded of a report',
    raisedBy: [],
    remedy,
    source: 'this model: what nobody can use as things are',
  }));
}

export function ownerEntries(): Entry[] {
  return Object.entries(OWNERS).map(([code, { means, remedy }]) => ({
    code,
    family: 'owner',
    also: [],
    means,
    saidBy: 'this model, in the maps and the legend of a report',
    raisedBy: [],
    remedy,
    source: 'this model: each CPU and each frame has one owner',
  }));
}

interface Words {
  readonly means: string;
  readonly remedy: string;
}

const STRANDED: Readonly<Record<Stranded['reason'], Words>> = {
  'wrong-node': {
    means: 'Pages or CPUs free in the pool, while what they need is on another node.',
    remedy: 'Reserve pages and CPUs on the same node.',
  },
  'no-cpu': {
    means: 'Pages free in the pool, and no CPU that an enclave could take with them.',
    remedy: 'Reserve more CPUs or fewer pages, or ask for less memory with each CPU.',
  },
  'no-page': {
    means: 'CPUs free in the pool, and no page that an enclave could take with them.',
    remedy: 'Reserve more pages or fewer CPUs, or ask for less memory with each CPU.',
  },
  sibling: {
    means: 'Threads in the pool whose sibling is not: no enclave takes half a core.',
    remedy: 'Put whole cores into the pool.',
  },
  'page-rounding': {
    means: 'Memory that enclaves hold beyond what they asked for, because pages are whole.',
    remedy: 'Ask for multiples of the page size, or reserve smaller pages.',
  },
  fragmentation: {
    means: 'Memory free in the parent that lies in no whole, aligned page of the largest size.',
    remedy: 'Reserve early after a boot, or reserve smaller pages.',
  },
  leaked: {
    means:
      'Pages pinned for good by a failed check of the driver: they are in no pool and not free.',
    remedy: 'Reboot the parent; look at the quirk pin-leak.',
  },
};

const OWNERS: Readonly<Record<KnownOwnerName, Words>> = {
  parent: {
    means: 'The parent VM uses it itself.',
    remedy: 'Nothing to correct: a reservation takes it from there if the platform allows.',
  },
  free: {
    means: 'Memory that the parent has and does not use: a reservation can take it.',
    remedy: 'Nothing to correct: reserve it if enclaves need more.',
  },
  pool: {
    means: 'Reserved for enclaves, and used by none.',
    remedy:
      'Nothing to correct: launches take it from there; what they cannot use is under Stranded.',
  },
  task: {
    means: 'A process of the parent holds pages that were reserved, for no enclave as yet.',
    remedy: 'End that process, or let it start its enclave.',
  },
  offline: {
    means: 'The CPU was taken offline in the parent.',
    remedy: 'Put it online again where it is needed.',
  },
  leaked: {
    means: 'A page pinned for good by a failed check of the driver.',
    remedy: 'Reboot the parent; look at the quirk pin-leak.',
  },
  hole: {
    means: 'Addresses without memory, such as those of PCI devices below 4 GiB on x86.',
    remedy: 'Nothing to correct: no memory is there, and no total counts it.',
  },
};
