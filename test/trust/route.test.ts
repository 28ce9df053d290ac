/** Who may reach whom: the vsock with the parent, hops through it, and nothing else. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { type Endpoint, type Party, type RouteQuestion, routeOf } from '../../core/trust/route.js';
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

  it('an enclave that ended, and one that never was, has no vsock', () => {
    const ended = pair();
    const parent = { to: 'parent', by: 'direct' } as const;
    expect(ruleOf(ask(ended, { ...parent, from: { enclave: 99 } }))).toBe('route-enclave-runs');
    const from = { enclave: first };
    runInPlace(ended, { kind: 'parent.stop' });
    expect(ruleOf(ask(ended, { ...parent, from }))).toBe('route-enclave-runs');
    runInPlace(ended, { kind: 'parent.boot' });
    expect(ruleOf(ask(ended, { ...parent, from }))).toBe('route-enclave-runs');
  });
});

it('plain VMs have networks of their own: the question does not apply', () => {
  const route = ask(vmHost({ coresPerNode: 2, memoryMibPerNode: 100 }), { from: 'parent' });
  expect(route).toHaveProperty('notApplicable');
});
