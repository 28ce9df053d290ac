/**
 * A launch takes every page by steps of its own, so a step may not walk what was taken before it.
 *
 * Work is counted, not timed: how many elements of the lists of regions, donations and mappings a
 * decision reads. Eight times the pages may cost little more than eight times the reads; a walk over
 * one of the lists would cost sixty-four times.
 */
import { describe, expect, it } from 'vitest';
import { runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import { apply } from '../../core/host/apply.js';
import type { Host } from '../../core/host/host.js';
import type { Program } from '../../core/host/program.js';
import { decide } from '../../core/host/step.js';
import { around, asking, smallParent } from './nitro-cli-host.js';

interface Reads {
  count: number;
}

/** The list as a decision sees it, counting elements read. */
function counted<Item>(list: Item[], reads: Reads): Item[] {
  return new Proxy(list, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^[0-9]+$/.test(key)) reads.count++;
      return Reflect.get(target, key, receiver);
    },
  });
}

/** The same host to read from, with its long lists counted. */
function watched(host: Host, reads: Reads): Host {
  const { tree } = host;
  const records = tree.records.map((enclave) => {
    const regions = counted(enclave.regions, reads);
    const donated = counted(enclave.donated, reads);
    return { ...enclave, regions, donated };
  });
  const mappings = counted(tree.mappings, reads);
  return { ...host, tree: { ...tree, records, mappings } };
}

/** Runs a program on the host and gives what its decisions read. */
function readsOf(host: Host, program: Program<unknown>): number {
  const reads: Reads = { count: 0 };
  let turn = program.next();
  while (!turn.done) {
    const decision = decide(watched(host, reads), turn.value);
    apply(host, decision.effects);
    turn = program.next({ decision, host });
  }
  return reads.count;
}

/** Reads of a launch of `pages` pages beside one as large, and of the end of the older one. */
function readsBeside(pages: number): { readonly launch: number; readonly end: number } {
  const host = smallParent({ 2: 2 * pages });
  const env = around(host);
  const request = asking({ memoryMib: BigInt(2 * pages) });
  readsOf(host, runEnclave({ ...request, name: 'older' }, env));
  const launch = readsOf(host, runEnclave({ ...request, name: 'younger' }, env));
  expect(env.cli.running.map(({ memoryMib }) => memoryMib)).toEqual([2 * pages, 2 * pages]);
  const end = readsOf(host, terminateEnclave(env.cli, { name: 'older' }));
  expect(host.tree.mappings).toHaveLength(pages);
  return { launch, end };
}

describe('the pages of a launch', () => {
  it('N12 holds: eight times the pages read at most sixteen times as many list elements', () => {
    const few = readsBeside(64);
    const many = readsBeside(512);
    expect(few.launch).toBeGreaterThan(64);
    expect(many.launch / few.launch).toBeLessThanOrEqual(16);
    expect(few.end).toBeGreaterThan(64);
    expect(many.end / few.end).toBeLessThanOrEqual(16);
  });
});
