/**
 * Reserving the memory on one node: largest page size first, each taking what the kernel gives.
 *
 * Sizes are in KiB, ascending as the topology has them; the walk goes down. Only the smallest size
 * rounds up, and nothing is tried twice: what is left over fails the attempt, which then puts the
 * former counts back in bash's hash order.
 * Invariant: on success the pages had on the node add up to exactly the needed bytes.
 * Source: script v1.5.0, set_required_hugepages and try_configure_huge_pages.
 */
import { nodePosition } from '../../host/physical.js';
import { pagesOf } from '../../memory/node-memory.js';
import { arithmeticConstant, isDigits, printable, wrap64 } from './arithmetic.js';
import { type Exit, exitWith, silentExit } from './exits.js';
import { hashOrder } from './hash-order.js';
import { cpusOfPoolText, nodeOfCpus } from './pool-text.js';
import { type PageAttempt, perform, type Run, type Steps } from './run.js';

/** `fatal`: the script stops at once; otherwise cpu_count mode goes on to the next node. */
export interface FailedAttempt {
  readonly exit: Exit;
  readonly fatal: boolean;
}

/**
 * Reserves `memoryMib` (the config's text) on the node of `cpus`, or of the pool set when none are
 * given. Undefined = the memory was had.
 */
export function* reserveMemory(
  run: Run,
  memoryMib: string,
  cpus?: readonly number[],
): Steps<FailedAttempt | undefined> {
  if (!isDigits(memoryMib)) {
    const text = `The needed memory amount (${memoryMib}) is invalid.`;
    return { exit: exitWith('memory-invalid', text, { value: memoryMib }), fatal: true };
  }
  const { topology, tree } = run.host;
  const node = nodeOfCpus(cpus ?? cpusOfPoolText(tree.pool.text), topology.nodeOf);
  if (typeof node !== 'number') return { exit: node, fatal: false };
  const mib = arithmeticConstant(memoryMib);
  if (mib === undefined) {
    const why = `The shell reads the memory amount ${memoryMib} as octal and stops.`;
    return { exit: silentExit(why, { value: memoryMib }), fatal: true };
  }
  const exit = yield* attempt(run, node, mib);
  return exit && { exit, fatal: false };
}

function* attempt(run: Run, node: number, mib: bigint): Steps<Exit | undefined> {
  const sizesKib = [...run.host.topology.pageSizesKib].reverse();
  const needed = neededBytes(mib, bytesOf(sizesKib[sizesKib.length - 1]));
  const former = sizesKib.map((pageKib) => readPages(run, node, pageKib));
  const cleared = yield* clear(run, node, sizesKib);
  if (cleared !== undefined) return cleared;

  const had: { pageKib: number; pages: number }[] = [];
  const result: { -readonly [K in keyof PageAttempt]: PageAttempt[K] } = { node, had, ok: false };
  run.attempts.push(result);
  let left = needed;
  for (const pageKib of sizesKib) {
    const wanted = left / bytesOf(pageKib);
    const refused = yield* setPages(run, node, pageKib, wanted);
    if (refused !== undefined) return refused;
    const pages = readPages(run, node, pageKib);
    had.push({ pageKib, pages });
    left = wrap64(left - wrap64(bytesOf(pageKib) * BigInt(pages)));
    if (left === 0n) break;
  }
  result.ok = left === 0n;
  if (result.ok) return undefined;
  run.lines.push('Memory configuration failed, rolling back memory reservations...');
  const stuck = yield* rollBack(run, node, sizesKib, former);
  return stuck ?? insufficient(result, needed, left);
}

/**
 * Bytes to reserve: `mib` MiB rounded up to whole pages of the smallest size, in wrapping 64-bit
 * arithmetic. 0 MiB, and any amount that wraps to 0, gives one page: quirk
 * `page-for-nothing-asked`.
 */
export function neededBytes(mib: bigint, smallestBytes: bigint): bigint {
  const asked = wrap64(mib * 2n ** 20n);
  return wrap64((1n + wrap64(asked - 1n) / smallestBytes) * smallestBytes);
}

function* clear(run: Run, node: number, sizesKib: readonly number[]): Steps<Exit | undefined> {
  for (const pageKib of sizesKib) {
    const rc = yield* writePages(run, node, pageKib, '0');
    if (rc < 0) {
      const text = 'Failed to clear huge page(s). Some pages may be in use.';
      return exitWith('203-clear', text, { node, pageKib, rc });
    }
  }
  return undefined;
}

function* setPages(
  run: Run,
  node: number,
  pageKib: number,
  pages: bigint,
): Steps<Exit | undefined> {
  const rc = yield* writePages(run, node, pageKib, pages.toString());
  if (rc >= 0) return undefined;
  const text =
    'Failed to set a number of huge pages. This may indicate insufficient system resources.';
  return exitWith('204-set', text, { node, pageKib, pages: printable(pages), rc });
}

function* rollBack(
  run: Run,
  node: number,
  sizesKib: readonly number[],
  former: readonly number[],
): Steps<Exit | undefined> {
  const cleared = yield* clear(run, node, sizesKib);
  if (cleared !== undefined) return cleared;
  // Quirk `rollback-in-hash-order`.
  const order = hashOrder(sizesKib.map((kib) => `${kib}kB`)).map((key) => Number.parseInt(key, 10));
  const formerPages = (pageKib: number) => former[sizesKib.indexOf(pageKib)];
  for (const pageKib of order) {
    const refused = yield* setPages(run, node, pageKib, BigInt(formerPages(pageKib)));
    if (refused !== undefined) return refused;
  }
  for (const pageKib of order) {
    const pages = readPages(run, node, pageKib);
    const wanted = formerPages(pageKib);
    if (pages !== wanted) {
      const text = 'Failed to roll back a number of huge pages. Some pages may be in use.';
      return exitWith('205-rollback', text, { node, pageKib, pages, wanted });
    }
  }
  return undefined;
}

function insufficient({ node, had }: PageAttempt, needed: bigint, left: bigint): Exit {
  const text =
    'Failed to configure entire amount of requested memory. ' +
    'This indicates insufficient system resources.';
  const kib = (bytes: bigint) => printable(bytes / 1024n);
  const numbers: Record<string, number | string> = {
    node,
    neededKib: kib(needed),
    hadKib: kib(needed - left),
    leftKib: kib(left),
  };
  for (const { pageKib, pages } of had) numbers[`pages${pageKib}Kib`] = pages;
  const detail = `Node ${node} gave ${numbers.hadKib} of ${numbers.neededKib} KiB.`;
  return exitWith('206-insufficient-memory', text, numbers, detail);
}

function writePages(run: Run, node: number, pageKib: number, text: string): Steps<number> {
  return perform(run, { kind: 'nitro.write-hugepages', node, pageKib, text });
}

function readPages({ host }: Run, node: number, pageKib: number): number {
  const position = nodePosition(host.topology, node);
  return pagesOf(host.memory[position].pools[host.topology.pageSizesKib.indexOf(pageKib)]);
}

function bytesOf(pageKib: number): bigint {
  return BigInt(pageKib) * 1024n;
}
