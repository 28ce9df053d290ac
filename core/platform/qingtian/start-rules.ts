/**
 * Rules on one start, in the declared order of checks: count, CID, image, vCPUs, memory, supply.
 *
 * Invariant: the rows that compare numbers stand before the rows that search the pool, and each
 * search row looks only at the nodes that the rows before it left.
 * Trade-off: a code is given only where the published list names the case; other rows say "no
 * published code" by an empty list.
 * Sources: QingTian Enclave user guide, constraints (b.3) and the start command (b.2).
 */
import { newestFirst } from '../../host/records.js';
import { existing } from '../../units/counted.js';
import { allows, notApplicable, PASS as PASSED, type Rule, refuse } from '../rule.js';
import { publishedCode, qt } from './codes.js';
import type { StartContext } from './context.js';
import { IMAGE_AND_CPU_RULES, imageAndCpuRowsAllow } from './image-cpu-rules.js';
import { MEMORY_RULES, memoryRowsAllow } from './memory-rules.js';
import { parentRowsAllow } from './parent-rules.js';
import { SUPPLY_RULES, supplyRowsAllow } from './supply-rules.js';
import type { QingtianVersion } from './versions.js';

// Its own constant: V8 folds it into each check.
const PASS = PASSED;

type StartRule = Rule<StartContext>;

/** CIDs a start may ask for: 4 … 4294967294. 0 to 3 are reserved, 3 is the parent. */
export const MIN_CID = 4;
export const MAX_CID = 4_294_967_294;

const UNNUMBERED = notApplicable('the document gives no number');
const KEPT_APART = notApplicable('callers keep starts apart');

const enclaveCount: StartRule = {
  id: 'enclave-count',
  sentence: 'A parent VM can have one or two enclaves at a time.',
  source: 'QingTian Enclave user guide, constraints; dated',
  requirements: ['Q25', 'N22'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Stop an enclave first, or use another parent VM.',
  check: ({ host, options: { maxEnclaves } }) => {
    if (maxEnclaves === 'none') return UNNUMBERED;
    const running = host.tree.records.length;
    if (running < maxEnclaves) return PASS;
    return refuse(
      { running, maxEnclaves },
      `${existing(running, 'enclave')} of at most ${maxEnclaves}`,
    );
  },
};

const launchRace: StartRule = {
  id: 'launch-race',
  sentence: 'Enclaves of one parent VM may not be started and terminated at the same time.',
  source: 'README of the public QingTian Enclave tools repository',
  requirements: ['N11'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Wait until the other start has finished.',
  check: ({ host: { tree }, options }) => {
    if (options.concurrency !== 'refuse') return KEPT_APART;
    const starting = newestFirst(tree).find(({ state }) => state !== 'running');
    if (starting === undefined) return PASS;
    const { uid } = starting;
    return refuse({ enclave: uid }, `enclave ${uid} is still being started`);
  },
};

const cidGiven: StartRule = {
  id: 'cid-given',
  sentence: 'A start must name a CID where the version has no default.',
  source: 'QingTian Enclave user guide, start command; dated',
  requirements: ['N11'],
  checkedAt: 'start',
  layer: 'cli',
  codes: [qt(1)],
  remedy: 'Pass --cid with a number from 4 to 4294967294.',
  check: ({ request, version }) => {
    if (version.defaultCid !== undefined) return notApplicable(`default ${version.defaultCid}`);
    if (!request.defaulted.includes('cid')) return PASS;
    return refuse({ missing: 'cid' }, '--cid is missing');
  },
};

const cidRange: StartRule = {
  id: 'cid-range',
  sentence: 'A CID is from 4 to 4294967294.',
  source: 'QingTian Enclave user guide, start command',
  requirements: ['N11'],
  checkedAt: 'start',
  layer: 'cli',
  codes: [qt(2)],
  remedy: 'Choose a CID from 4 to 4294967294.',
  check: ({ request: { cid } }) =>
    Number.isSafeInteger(cid) && cid >= MIN_CID && cid <= MAX_CID
      ? PASS
      : refuse({ cid, min: MIN_CID, max: MAX_CID }, `CID ${cid} is not in ${MIN_CID}..${MAX_CID}`),
};

/** Versions differ in the code that they publish for it. */
const cidFree: Omit<StartRule, 'codes'> = {
  id: 'cid-free',
  sentence: 'A CID is unique among the enclaves of a parent VM.',
  source: 'QingTian Enclave user guide, error codes; dated',
  requirements: ['Q05', 'N11'],
  checkedAt: 'start',
  layer: 'cli',
  remedy: 'Choose a CID that no other enclave of this parent has.',
  check: ({ host, request: { cid } }) => {
    const live = host.tree.records;
    let i = 0;
    while (i < live.length && live[i].cid !== cid) i++;
    if (i === live.length) return PASS;
    const enclave = live[i].uid;
    return refuse({ cid, enclave }, `CID ${cid} belongs to enclave ${enclave}`);
  },
};

/** Every start row of a version, in declared order; the parent's rows come before these. */
export function startRules(version: QingtianVersion): readonly StartRule[] {
  return [
    enclaveCount,
    launchRace,
    cidGiven,
    cidRange,
    { ...cidFree, codes: publishedCode(version, 43) },
    ...IMAGE_AND_CPU_RULES,
    ...MEMORY_RULES,
    ...SUPPLY_RULES,
  ];
}

/**
 * Whether no row of a start refuses, the parent's first: what most starts come to, without a walk. A walk
 * over a list calls checks that V8 cannot know, which costs twice what a check does; here each call names
 * one, which it sees into. Where a row does refuse, the walk over the list says which. Each row is asked
 * once and in the declared order (tested).
 */
export function everyRowAllows(context: StartContext): boolean {
  return (
    parentRowsAllow(context) &&
    allows(enclaveCount.check(context)) &&
    allows(launchRace.check(context)) &&
    allows(cidGiven.check(context)) &&
    allows(cidRange.check(context)) &&
    allows(cidFree.check(context)) &&
    imageAndCpuRowsAllow(context) &&
    memoryRowsAllow(context) &&
    supplyRowsAllow(context)
  );
}
