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
import { notApplicable, PASS as PASSED, type Rule, refuse } from '../rule.js';
import { publishedCode, qt } from './codes.js';
import type { StartContext } from './context.js';
import { IMAGE_AND_CPU_RULES } from './image-cpu-rules.js';
import { MEMORY_RULES } from './memory-rules.js';
import { SUPPLY_RULES } from './supply-rules.js';
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

function cidFree(version: QingtianVersion): StartRule {
  return {
    id: 'cid-free',
    sentence: 'A CID is unique among the enclaves of a parent VM.',
    source: 'QingTian Enclave user guide, error codes; dated',
    requirements: ['Q05', 'N11'],
    checkedAt: 'start',
    layer: 'cli',
    codes: publishedCode(version, 43),
    remedy: 'Choose a CID that no other enclave of this parent has.',
    check: (context) => {
      const { cid } = context.request;
      const live = context.host.tree.records;
      let i = 0;
      while (i < live.length && live[i].cid !== cid) i++;
      if (i === live.length) return PASS;
      const enclave = live[i].uid;
      return refuse({ cid, enclave }, `CID ${cid} belongs to enclave ${enclave}`);
    },
  };
}

/** Every start row of a version, in declared order; the parent's rows come before these. */
export function startRules(version: QingtianVersion): readonly StartRule[] {
  return [
    enclaveCount,
    launchRace,
    cidGiven,
    cidRange,
    cidFree(version),
    ...IMAGE_AND_CPU_RULES,
    ...MEMORY_RULES,
    ...SUPPLY_RULES,
  ];
}
