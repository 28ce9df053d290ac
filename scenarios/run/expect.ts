/**
 * Expectations: what a scenario says must come out, checked against what did.
 *
 * Invariant: each expectation is one result with what was found instead, never an exception; a
 * launch that never happened is an unmet expectation.
 */

import type { Host } from '../../core/host/host.js';
import { pagesOf } from '../../core/memory/node-memory.js';
import { formatCpulist, parseStrictCpulist } from '../../core/topology/cpulist.js';
import { counted } from '../../core/units/counted.js';
import type { ExpectationResult, TimelineEntry } from '../../reports/record.js';
import { parseMemoryKib } from '../schema/quantity.js';
import type { Expectation } from '../schema/scenario.js';
import { atTheEnd } from './at-the-end.js';
import {
  allOf,
  type Checked,
  checkAttempts,
  checkOutcome,
  checkProgram,
  same,
} from './expect-outcome.js';

/** What expectations look at. */
export interface Found {
  readonly host: Host;
  readonly timeline: readonly TimelineEntry[];
  /** Memory of the parent's own at the end, in use or free. */
  readonly parentMib: number;
}

export function checkExpectations(
  found: Found,
  expectations: readonly Expectation[],
): ExpectationResult[] {
  const { platform } = found.host.profile;
  const mine = expectations.filter(({ on }) => on === undefined || on === platform);
  return mine.map((expectation) => {
    const { text, found: got } = check(found, expectation);
    return got === undefined ? { text, met: true } : { text, met: false, found: got };
  });
}

function check(found: Found, expectation: Expectation): Checked {
  if ('launch' in expectation) return checkLaunch(found, expectation);
  if ('reservation' in expectation) return checkReservation(found, expectation);
  if ('pages' in expectation) return checkPages(found.host, expectation);
  if ('pool' in expectation) {
    const pooled = formatCpulist(found.host.tree.pool.avail.flat().sort((a, b) => a - b));
    return same(
      `CPU pool at the end is ${canonical(expectation.pool)}`,
      canonical(expectation.pool),
      pooled,
    );
  }
  if ('poolText' in expectation) {
    const text = found.host.tree.pool.text.trimEnd();
    return same(`CPU pool written as ${expectation.poolText}`, expectation.poolText, text);
  }
  if ('parentMemory' in expectation) return checkParentMemory(found, expectation);
  if ('online' in expectation) {
    const online = found.host.tree.online.filter((bit) => bit === 1).length;
    return same(
      `${counted(expectation.online, 'CPU')} online at the end`,
      expectation.online,
      online,
    );
  }
  if ('running' in expectation) {
    const { running } = atTheEnd(found.host);
    const { running: wanted } = expectation;
    return same(`${counted(wanted, 'enclave')} running at the end`, wanted, running);
  }
  const refused = found.timeline.filter(({ ok }) => !ok).length;
  const { refused: wanted } = expectation;
  if (typeof wanted === 'number') return same(counted(wanted, 'refusal'), wanted, refused);
  const met = refused >= wanted.atLeast;
  return {
    text: `at least ${counted(wanted.atLeast, 'refusal')}`,
    found: met ? undefined : String(refused),
  };
}

function checkLaunch(
  { timeline }: Found,
  expectation: Extract<Expectation, { readonly launch: string }>,
): Checked {
  const { launch, is, memory, vcpus, cpus, node, cid, id } = expectation;
  const entry = timeline.findLast(({ kind, name }) => kind === 'launch' && name === launch);
  const { text, found } = checkOutcome(entry, is);
  const results = [{ text: `${launch} ${text}`, found }];
  const got = entry?.enclave;
  if (memory !== undefined) results.push(same(`with ${memory} MiB`, memory, got?.memoryMib));
  if (vcpus !== undefined)
    results.push(same(`with ${counted(vcpus, 'vCPU')}`, vcpus, got?.cpus.length));
  if (cpus !== undefined) {
    const held = got === undefined ? undefined : formatCpulist([...got.cpus].sort((a, b) => a - b));
    results.push(same(`on CPUs ${cpus}`, canonical(cpus), held));
  }
  if (node !== undefined) results.push(same(`on node ${node}`, node, got?.node));
  if (cid !== undefined) results.push(same(`with CID ${cid}`, cid, got?.cid));
  if (id !== undefined) results.push(same(`with id ${id}`, id, got?.id));
  return allOf([...results, ...checkProgram(entry, expectation)]);
}

function checkReservation(
  { timeline }: Found,
  expectation: Extract<Expectation, { readonly reservation: unknown }>,
): Checked {
  const entries = timeline.filter(({ kind }) => kind === 'reserve');
  const entry = entries[(expectation.nth ?? entries.length) - 1];
  const { text, found } = checkOutcome(entry, expectation.reservation);
  return allOf([
    { text: `reservation ${text}`, found },
    ...checkProgram(entry, expectation),
    ...checkAttempts(entry, expectation.attempts ?? []),
  ]);
}

function checkParentMemory(
  { parentMib }: Found,
  { parentMemory: { atLeast } }: Extract<Expectation, { readonly parentMemory: unknown }>,
): Checked {
  const text = `the parent has at least ${atLeast} MiB left at the end`;
  return { text, found: parentMib >= atLeast ? undefined : `${parentMib} MiB` };
}

/** Pages per size, on one node or summed over all. */
function checkPages(
  host: Host,
  { pages, node }: Extract<Expectation, { readonly pages: unknown }>,
): Checked {
  const wanted: string[] = [];
  const got: string[] = [];
  for (const [size, count] of Object.entries(pages)) {
    const kib = parseMemoryKib(size);
    const pools = host.memory
      .filter((memory) => node === undefined || memory.node === node)
      .flatMap((memory) => memory.pools.filter((pool) => pool.pageKib === kib));
    const have = pools.reduce((sum, pool) => sum + pagesOf(pool), 0);
    wanted.push(`${count} × ${size}`);
    got.push(`${have} × ${size}`);
  }
  const where = node === undefined ? '' : ` on node ${node}`;
  return same(`pages${where}: ${wanted.join(' + ')}`, wanted.join(' + '), got.join(' + '));
}

function canonical(text: string): string {
  const parsed = parseStrictCpulist(text);
  return 'problem' in parsed ? text : formatCpulist(parsed.cpus);
}
