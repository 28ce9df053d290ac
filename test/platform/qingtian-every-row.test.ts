/**
 * What asks every row of a start by its name asks them all: each row that refuses alone is heeded.
 */
import { describe, expect, it } from 'vitest';
import { LAUNCH } from '../../bench/hot-path/forty-eight-cores.js';
import type { Host } from '../../core/host/host.js';
import { newEnclave } from '../../core/host/tree.js';
import { type StartContext, startContext } from '../../core/platform/qingtian/context.js';
import { PARENT_RULES } from '../../core/platform/qingtian/parent-rules.js';
import { supplyOf } from '../../core/platform/qingtian/pool-supply.js';
import { everyRowAllows, startRules } from '../../core/platform/qingtian/start-rules.js';
import { diagnoseRules } from '../../core/platform/rule.js';
import { prepared, SEED, SIXTEEN } from './qingtian-hosts.js';

type Options = StartContext['options'];
type Request = StartContext['request'];

const ROWS = [...PARENT_RULES, ...startRules(SEED)];

/** A start that every row lets pass, and another host, other options or another request. */
function contextOf(change: {
  host?: Host;
  options?: Partial<Options>;
  request?: Partial<Request>;
}) {
  const host = change.host ?? prepared(SIXTEEN);
  const context = startContext(SEED, host, { ...LAUNCH, ...change.request });
  return { ...context, options: { ...context.options, ...change.options } };
}

const parentWith = (parent: Partial<Host['parent']>) => {
  const host = prepared();
  return contextOf({ host: { ...host, parent: { ...host.parent, ...parent } } });
};
const optionsWith = (options: Partial<Options>, request?: Partial<Request>) =>
  contextOf({ options, request: request ?? {} });
const requestWith = (request: Partial<Request>) => contextOf({ request });
const imageWith = (image: Partial<Request['image']>) =>
  requestWith({ image: { ...LAUNCH.image, ...image } });
const hostBeside = (change: (host: Host) => void, options: Partial<Options> = {}) => {
  const host = prepared();
  change(host);
  return contextOf({ host, options });
};

/** By the row that refuses, and no other does. */
const REFUSED: Readonly<Record<string, () => StartContext>> = {
  'bare-metal': () => parentWith({ bareMetal: true }),
  'parent-os': () => parentWith({ os: 'other' }),
  flavor: () => parentWith({ flavor: 's3.large' }),
  region: () => parentWith({ region: 'Nowhere' }),
  'parent-running': () =>
    hostBeside(({ tree }) => {
      tree.parent = 'stopping';
    }),
  'enclave-count': () => optionsWith({ maxEnclaves: 0 }),
  'launch-race': () =>
    hostBeside(({ tree }) => tree.records.push(newEnclave({ uid: 0, state: 'defined' })), {
      concurrency: 'refuse',
    }),
  'cid-given': () => requestWith({ defaulted: ['cid'] }),
  'cid-range': () => requestWith({ cid: 3 }),
  'cid-free': () =>
    hostBeside(({ tree }) => tree.records.push(newEnclave({ uid: 0, cid: LAUNCH.cid }))),
  'eif-complete': () => imageWith({ sections: ['kernel', 'cmdline', 'init'] }),
  'enclave-os': () => imageWith({ os: 'other' }),
  'vcpu-even': () => requestWith({ vcpus: 3 }),
  'vcpu-node-max': () => ({
    ...contextOf({}),
    supply: { ...supplyOf(contextOf({})), nodes: [] },
    request: { ...LAUNCH, vcpus: 16 },
  }),
  'vcpu-total': () => optionsWith({ maxVcpusTotal: 2 }),
  'page-size': () => ({ ...contextOf({}), pageMib: 0 }),
  'memory-min': () => requestWith({ memoryMib: 64 }),
  'memory-multiple': () => requestWith({ memoryMib: 129 }),
  'memory-max': () => optionsWith({ maxPages: 1 }),
  'image-ratio': () => optionsWith({ imageRatio: 1e6 }),
  'pool-cpus': () => requestWith({ vcpus: 14 }),
  'pool-pages': () => optionsWith({ maxPages: 1e6 }, { memoryMib: 4096 }),
  contiguity: () => {
    const context = optionsWith({ contiguity: 'whole-run' });
    return { ...context, supply: { ...supplyOf(context), byRuns: [] } };
  },
};

describe('every row of a start, asked by its name', () => {
  it('lets pass what no row refuses', () => {
    expect(everyRowAllows(contextOf({}))).toBe(true);
    expect(everyRowAllows(optionsWith({ maxEnclaves: 'none', concurrency: 'refuse' }))).toBe(true);
  });

  it.each(ROWS.map(({ id }) => id))('heeds %s where it alone refuses', (id) => {
    const refusing = diagnoseRules(ROWS, REFUSED[id]()).filter(({ outcome }) => {
      return outcome.verdict === 'refuse';
    });
    expect(refusing.map(({ rule }) => rule)).toEqual([id]);
    expect(everyRowAllows(REFUSED[id]())).toBe(false);
  });
});
