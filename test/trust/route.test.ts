/** Who may reach whom: the vsock with the parent, hops through it, and nothing else. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import {
  type Endpoint,
  type Party,
  ROUTE_RULES,
  type RouteQuestion,
  routeOf,
} from '../../core/trust/route.js';
import { nitroPair, qingtianPair } from '../invariants/sound-hosts.js';
import { vmHost } from '../kit/hosts.js';

const KMS: Endpoint = { address: 'kms.eu-west-1.amazonaws.com', port: 443 };
const TRAIL: Endpoint = { address: 'cloudtrail.eu-west-1.amazonaws.com', port: 443 };
const IN_VPC: Endpoint = { address: '10.0.3.7', port: 5432 };
const HOSTS = [
  ['Nitro', nitroPair],
  ['QingTian', qingtianPair],
] as const;

function ask(host: Host, given: Partial<RouteQuestion>) {
  const [uid] = uidsOf(host.tree);
  const question = { from: { enclave: uid }, to: KMS, by: 'parent', allowlist: [], ...given };
  return routeOf(host, question as RouteQuestion);
}

const ruleOf = (route: ReturnType<typeof routeOf>) =>
  'refusal' in route ? route.refusal.rule : undefined;

describe.each(HOSTS)('routes on %s', (_, pair) => {
  const host = pair();
  const [first, second] = uidsOf(host.tree);
  const cid = (uid: number) => theRecord(host.tree, uid).cid;

  it.each([
    ['KMS', KMS],
    ['CloudTrail', TRAIL],
    ['the VPC', IN_VPC],
  ])('N10 holds: %s is reached through the parent, which has it on its list', (_name, to) => {
    expect(ask(host, { to, allowlist: [{ ...to, address: to.address.toUpperCase() }] })).toEqual({
      hops: [
        { over: 'vsock', fromCid: cid(first), toCid: 3 },
        { over: 'parent-network', to },
      ],
    });
  });

  it.each([
    ['KMS', KMS],
    ['CloudTrail', TRAIL],
    ['the VPC', IN_VPC],
  ])('N10 refused: an enclave has no channel of its own to %s, listed or not', (_name, to) => {
    for (const allowlist of [[], [to]]) {
      expect(ruleOf(ask(host, { to, by: 'direct', allowlist }))).toBe('no-channel');
      expect(ruleOf(ask(host, { from: to, to: { enclave: first }, by: 'direct', allowlist }))).toBe(
        'no-channel',
      );
    }
  });

  it('N10 refused: the parent forwards to what its list names, address and port', () => {
    const allowlist = [{ ...KMS, port: 80 }, TRAIL];
    expect(ask(host, { allowlist })).toMatchObject({
      refusal: { rule: 'proxy-allowlist', numbers: { ...KMS, listed: 2 }, layer: 'parent' },
    });
    expect(ruleOf(ask(host, { from: KMS, to: { enclave: first }, allowlist: [KMS] }))).toBe(
      'proxy-allowlist',
    );
  });

  it('two enclaves have no channel with each other; the parent may pass things on', () => {
    const to = { enclave: second };
    expect(ruleOf(ask(host, { to, by: 'direct' }))).toBe('no-channel');
    expect(ask(host, { to })).toEqual({
      hops: [
        { over: 'vsock', fromCid: cid(first), toCid: 3 },
        { over: 'vsock', fromCid: 3, toCid: cid(second) },
      ],
    });
  });

  it('enclave and parent reach each other over vsock', () => {
    const out = { over: 'vsock', fromCid: cid(first), toCid: 3 };
    expect(ask(host, { to: 'parent', by: 'direct' })).toEqual({ hops: [out] });
    const back = { over: 'vsock', fromCid: 3, toCid: cid(first) };
    expect(ask(host, { from: 'parent', to: { enclave: first }, by: 'direct' })).toEqual({
      hops: [back],
    });
  });

  it('whatever is asked, each hop of an enclave has the parent at its other end', () => {
    const party = fc.constantFrom<Party>({ enclave: first }, { enclave: second }, 'parent', KMS);
    const by = fc.constantFrom('direct', 'parent');
    fc.assert(
      fc.property(party, party, by, fc.subarray([KMS, TRAIL]), (from, to, way, allowlist) => {
        const route = ask(host, { from, to, by: way as 'direct' | 'parent', allowlist });
        if (!('hops' in route)) return;
        for (const hop of route.hops) {
          if (hop.over === 'vsock') expect([hop.fromCid, hop.toCid]).toContain(3);
        }
      }),
    );
  });

  it('between the parent and the outside no enclave is asked: its own network, list or not', () => {
    const out = { from: 'parent', to: KMS } as const;
    const hops = [{ over: 'parent-network', to: KMS }];
    expect(ask(host, { ...out, by: 'direct' })).toEqual({ hops });
    expect(ask(host, { ...out, by: 'parent' })).toEqual({ hops });
    expect(ask(host, { from: KMS, to: 'parent', by: 'direct' })).toEqual({ hops: [] });
    for (const by of ['direct', 'parent'] as const) {
      expect(ask(host, { from: KMS, to: TRAIL, by })).toEqual({
        hops: [{ over: 'parent-network', to: TRAIL }],
      });
    }
  });

  it('the list needs to hold the endpoint once, wherever', () => {
    for (const allowlist of [
      [KMS, TRAIL, IN_VPC],
      [TRAIL, IN_VPC, KMS],
    ]) {
      expect(ask(host, { allowlist })).toHaveProperty('hops');
    }
  });

  it('a refusal names who asked for whom, by uid or address and port, and who said it', () => {
    const outwards = ask(host, { by: 'direct' });
    const at = { from: `enclave ${first}`, to: 'kms.eu-west-1.amazonaws.com:443' };
    expect(outwards).toMatchObject({
      refusal: {
        rule: 'no-channel',
        layer: 'hypervisor',
        codes: [],
        numbers: at,
        message: `there is no channel between ${at.from} and ${at.to}`,
      },
    });
    const inwards = ask(host, { from: IN_VPC, to: { enclave: first } });
    expect(inwards).toMatchObject({
      refusal: {
        rule: 'proxy-allowlist',
        layer: 'parent',
        codes: [],
        numbers: { from: '10.0.3.7:5432' },
        message: 'no proxy listens for 10.0.3.7:5432',
      },
    });
    expect(ask(host, {})).toMatchObject({
      refusal: { message: 'kms.eu-west-1.amazonaws.com:443 is not listed', codes: [] },
    });
  });

  it('an enclave that ended, and one that never was, has no vsock', () => {
    const ended = pair();
    const parent = { to: 'parent', by: 'direct' } as const;
    expect(ask(ended, { ...parent, from: { enclave: 99 } })).toMatchObject({
      refusal: {
        rule: 'route-enclave-runs',
        layer: 'hypervisor',
        codes: [],
        numbers: { enclave: 99 },
        message: 'enclave 99 does not run',
      },
    });
    const from = { enclave: first };
    runInPlace(ended, { kind: 'parent.stop' });
    expect(ask(ended, { ...parent, from })).toMatchObject({
      refusal: {
        rule: 'route-enclave-runs',
        numbers: { parent: 'stopped' },
        message: 'the parent is stopped',
      },
    });
    runInPlace(ended, { kind: 'parent.boot' });
    expect(ruleOf(ask(ended, { ...parent, from }))).toBe('route-enclave-runs');
  });

  it('a parent that is down reaches nobody, were it only the outside', () => {
    const down = pair();
    runInPlace(down, { kind: 'parent.stop' });
    expect(ask(down, { from: 'parent', to: KMS })).toMatchObject({
      refusal: { rule: 'route-enclave-runs', numbers: { parent: 'stopped' } },
    });
  });

  it('an enclave that is there but not up yet has no vsock', () => {
    const early = pair();
    Object.assign(theRecord(early.tree, second), { state: NOT_UP[early.profile.platform] });
    const route = ask(early, { from: { enclave: first }, to: { enclave: second } });
    expect(route).toMatchObject({ refusal: { numbers: { enclave: second } } });
  });
});

/** A state of a record on its way to running. */
const NOT_UP: Readonly<Record<string, string>> = { nitro: 'INIT', qingtian: 'loaded' };

it('N10: each row of the routes says what it enacts and where it is checked', () => {
  expect(
    ROUTE_RULES.map(({ id, requirements, checkedAt }) => [id, requirements, checkedAt]),
  ).toEqual([
    ['route-enclave-runs', ['N10'], 'running'],
    ['no-channel', ['N10'], 'running'],
    ['proxy-allowlist', ['N10'], 'running'],
  ]);
});

it('plain VMs have networks of their own: the question does not apply', () => {
  const host = vmHost({ coresPerNode: 2, memoryMibPerNode: 100 });
  const notApplicable = 'vm@1 promises no isolation of its networks';
  expect(ask(host, { from: 'parent' })).toEqual({ notApplicable });
  const { guarantees: _none, ...profile } = host.profile;
  expect(ask({ ...host, profile }, { from: 'parent' })).toEqual({ notApplicable });
});
