/**
 * Expectations: what a scenario says must come out, checked against what did.
 *
 * Invariant: each expectation is one result with what was found instead, never an exception; a
 * launch that never happened is an unmet expectation.
 */
import type { Host } from '../../core/host/host.js';
import { pagesOf } from '../../core/memory/node-memory.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { formatCpulist, parseStrictCpulist } from '../../core/topology/cpulist.js';
import type { ExpectationResult, TimelineEntry } from '../../reports/record.js';
import { parseMemoryKib } from '../schema/quantity.js';
import type { Expectation } from '../schema/scenario.js';

/** What expectations look at. */
export interface Found {
  readonly host: Host;
  readonly timeline: readonly TimelineEntry[];
}

type Wanted = Extract<Expectation, { readonly launch: string }>['is'];

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

/** `found` is what was found instead; undefined = met. */
interface Checked {
  readonly text: string;
  readonly found: string | undefined;
}

function check(found: Found, expectation: Expectation): Checked {
  if ('launch' in expectation) return checkLaunch(found, expectation);
  if ('reservation' in expectation) {
    const entries = found.timeline.filter(({ kind }) => kind === 'reserve');
    const nth = expectation.nth ?? entries.length;
    const { text, found: got } = checkOutcome(entries[nth - 1], expectation.reservation);
    return { text: `reservation ${text}`, found: got };
  }
  if ('pages' in expectation) return checkPages(found.host, expectation);
  if ('pool' in expectation) {
    const pooled = formatCpulist(found.host.tree.pool.avail.flat().sort((a, b) => a - b));
    return same(
      `CPU pool at the end is ${canonical(expectation.pool)}`,
      canonical(expectation.pool),
      pooled,
    );
  }
  if ('online' in expectation) {
    const online = found.host.tree.online.filter((bit) => bit === 1).length;
    return same(`${expectation.online} CPUs online at the end`, expectation.online, online);
  }
  if ('running' in expectation) {
    const running = runningAt(found.host);
    return same(`${expectation.running} enclaves at the end`, expectation.running, running);
  }
  const refused = found.timeline.filter(({ ok }) => !ok).length;
  const { refused: wanted } = expectation;
  if (typeof wanted === 'number') return same(`${wanted} refusals`, wanted, refused);
  const met = refused >= wanted.atLeast;
  return { text: `at least ${wanted.atLeast} refusals`, found: met ? undefined : String(refused) };
}

/** Enclaves that exist at the end. */
export function runningAt(host: Host): number {
  return host.tree.order.length;
}

function checkLaunch(
  { timeline }: Found,
  expectation: Extract<Expectation, { readonly launch: string }>,
): Checked {
  const { launch, is, memory, cpus, cid } = expectation;
  const entry = timeline.findLast(({ kind, name }) => kind === 'launch' && name === launch);
  const { text, found } = checkOutcome(entry, is);
  const results = [{ text: `${launch} ${text}`, found }];
  const got = entry?.enclave;
  if (memory !== undefined) results.push(same(`with ${memory} MiB`, memory, got?.memoryMib));
  if (cpus !== undefined) {
    const held = got === undefined ? undefined : formatCpulist([...got.cpus].sort((a, b) => a - b));
    results.push(same(`on CPUs ${cpus}`, canonical(cpus), held));
  }
  if (cid !== undefined) results.push(same(`with CID ${cid}`, cid, got?.cid));
  const failed = results.find((result) => result.found !== undefined);
  return { text: results.map((result) => result.text).join(' '), found: failed?.found };
}

function checkOutcome(entry: TimelineEntry | undefined, wanted: Wanted): Checked {
  const text = wanted === 'ok' ? 'succeeds' : `is refused${wordsOf(wanted)}`;
  if (entry === undefined) return { text, found: 'it never happened' };
  const { refusal, stage } = entry;
  const got = refusal === undefined ? 'it succeeded' : saidOf(refusal);
  if (wanted === 'ok') return { text, found: refusal === undefined ? undefined : got };
  const met =
    refusal !== undefined &&
    (wanted.code === undefined || refusal.codes.includes(wanted.code)) &&
    (wanted.rule === undefined || refusal.rule === wanted.rule) &&
    (wanted.stage === undefined || stage === wanted.stage);
  return { text, found: met ? undefined : `${got}${stage === undefined ? '' : ` at ${stage}`}` };
}

/** "E29 ← NE 269 nitro.start-full-cores"; the rule alone where no code is published. */
function saidOf({ codes, rule }: Refusal): string {
  return codes.length === 0 ? rule : `${codes.join(' ← ')} ${rule}`;
}

function wordsOf({ code, rule, stage }: Exclude<Wanted, 'ok'>): string {
  const parts = [code, rule, stage === undefined ? undefined : `at ${stage}`];
  const said = parts.filter((part) => part !== undefined).join(' ');
  return said === '' ? '' : ` with ${said}`;
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

function same<T>(text: string, wanted: T, got: T | undefined): Checked {
  return { text, found: wanted === got ? undefined : String(got ?? 'nothing') };
}

function canonical(text: string): string {
  const parsed = parseStrictCpulist(text);
  return 'problem' in parsed ? text : formatCpulist(parsed.cpus);
}
