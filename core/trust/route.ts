/**
 * Who may reach whom: how traffic between an enclave and anybody else must go, or why it cannot.
 *
 * An enclave has one way in and out: its vsock with its own parent. VPC, KMS and CloudTrail are
 * reached only as a further hop, by a proxy in the parent that has the endpoint on its allow-list;
 * another enclave only by a program of the parent that passes things on. Invariant: every hop of an
 * answer is the vsock of a running enclave with its parent, or starts at the parent; a direct way
 * out of an enclave is refused whatever the list says. Only reads.
 * Trade-off: the question is who reaches whom; what a service then decides (a key policy, an audit
 * record) is not asked here. A platform that promises no such isolation has no answer: plain VMs have
 * networks of their own.
 * Source: Nitro Enclaves overview, communication and integrations, as corrected (no vsock between
 * enclaves, no external network); QingTian Enclave user guide, no external network connection.
 */

import type { Host } from '../host/host.js';
import { recordOf, theRecord } from '../host/records.js';
import { isRunning } from '../invariants/running.js';
import { firstRefusal, PASS, type Rule, refuse } from '../platform/rule.js';
import type { Refusal } from '../refusal/refusal.js';

/** An address and port outside the parent, such as kms.eu-west-1.amazonaws.com:443. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** One end of a route: an enclave by uid, the parent, or something outside. */
export type Party = { readonly enclave: number } | 'parent' | Endpoint;

export interface RouteQuestion {
  readonly from: Party;
  readonly to: Party;
  /** `parent`: by a proxy in the parent; `direct`: by a channel of its own. */
  readonly by: 'direct' | 'parent';
  /** What the parent's proxy forwards to (vsock-proxy.yaml, `allowlist`). */
  readonly allowlist: readonly Endpoint[];
}

/** One stretch of a route: the vsock of an enclave, by CIDs, or the parent's network. */
export type Hop =
  | { readonly over: 'vsock'; readonly fromCid: number; readonly toCid: number }
  | { readonly over: 'parent-network'; readonly to: Endpoint };

export type Route =
  | { readonly hops: readonly Hop[] }
  | { readonly refusal: Refusal }
  | { readonly notApplicable: string };

interface RouteContext {
  readonly host: Host;
  readonly question: RouteQuestion;
}

const source = 'Nitro Enclaves overview, corrected; QingTian user guide, features';

export const ROUTE_RULES: readonly Rule<RouteContext>[] = [
  {
    id: 'route-enclave-runs',
    sentence: 'Only an enclave that runs, on a parent that runs, has a vsock.',
    source,
    requirements: ['N10'],
    checkedAt: 'running',
    layer: 'hypervisor',
    codes: [],
    remedy: 'Start the enclave, and name it by the uid it was given.',
    check: ({ host: { tree }, question }) => {
      if (tree.parent !== 'running') {
        return refuse({ parent: tree.parent }, `the parent is ${tree.parent}`);
      }
      const absent = enclavesOf(question).find((uid) => !runs(recordOf(tree, uid)?.state));
      return absent === undefined
        ? PASS
        : refuse({ enclave: absent }, `enclave ${absent} does not run`);
    },
  },
  {
    id: 'no-channel',
    sentence: 'The only path in or out of an enclave is its vsock with the parent.',
    source,
    requirements: ['N10'],
    checkedAt: 'running',
    layer: 'hypervisor',
    codes: [],
    remedy: 'Send it to the parent over vsock, and let a program there pass it on.',
    check: ({ question }) => {
      const { from, to, by } = question;
      if (by === 'parent' || enclavesOf(question).length === 0) return PASS;
      if (from === 'parent' || to === 'parent') return PASS;
      const names = { from: nameOf(from), to: nameOf(to) };
      return refuse(names, `there is no channel between ${names.from} and ${names.to}`);
    },
  },
  {
    id: 'proxy-allowlist',
    sentence:
      'The proxy in the parent forwards only to endpoints on its allow-list, never inwards.',
    source: `${source}; vsock-proxy of aws-nitro-enclaves-cli, allowlist`,
    requirements: ['N10'],
    checkedAt: 'running',
    layer: 'parent',
    codes: [],
    remedy: 'Put address and port on the allow-list of the proxy, or do not reach for them.',
    check: ({ question }) => {
      const { from, to, allowlist } = question;
      if (enclavesOf(question).length === 0) return PASS;
      if (isEndpoint(from)) {
        return refuse({ from: nameOf(from) }, `no proxy listens for ${nameOf(from)}`);
      }
      if (!isEndpoint(to) || allowlist.some((one) => sameEndpoint(one, to))) return PASS;
      const { address, port } = to;
      return refuse({ address, port, listed: allowlist.length }, `${nameOf(to)} is not listed`);
    },
  },
];

/** The hops of a permitted route, the refusal, or why the platform has no such question. */
export function routeOf(host: Host, question: RouteQuestion): Route {
  const parentCid = host.profile.guarantees?.parentCid;
  if (parentCid === undefined) {
    return { notApplicable: `${host.profile.id} promises no isolation of its networks` };
  }
  const refusal = firstRefusal(ROUTE_RULES, { host, question });
  if (refusal !== undefined) return { refusal };
  const { from, to } = question;
  const cidOf = (uid: number) => theRecord(host.tree, uid).cid;
  const hops: Hop[] = [];
  if (isEnclave(from)) {
    hops.push({ over: 'vsock', fromCid: cidOf(from.enclave), toCid: parentCid });
  }
  if (isEnclave(to)) hops.push({ over: 'vsock', fromCid: parentCid, toCid: cidOf(to.enclave) });
  if (isEndpoint(to)) hops.push({ over: 'parent-network', to });
  return { hops };
}

function enclavesOf({ from, to }: RouteQuestion): number[] {
  return [from, to].filter(isEnclave).map(({ enclave }) => enclave);
}

function runs(state: Parameters<typeof isRunning>[0] | undefined): boolean {
  return state !== undefined && isRunning(state);
}

function isEnclave(party: Party): party is { readonly enclave: number } {
  return typeof party === 'object' && 'enclave' in party;
}

function isEndpoint(party: Party): party is Endpoint {
  return typeof party === 'object' && 'address' in party;
}

/** Host names compare without regard to case (ASCII). */
function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address.toLowerCase() === b.address.toLowerCase();
}

function nameOf(party: Exclude<Party, 'parent'>): string {
  return isEnclave(party) ? `enclave ${party.enclave}` : `${party.address}:${party.port}`;
}
