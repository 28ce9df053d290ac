/**
 * What a refused reservation leaves behind: the CPU pool and the hugepages, before and after.
 *
 * The Nitro script keeps the pool set when its memory fails (quirk `pool-kept-without-memory`), has
 * erased the old one before it looks at anything, and not every exit rolls pages back; a refused
 * restart of the QingTian service has stopped first. Invariant: lines come from the host as it was
 * and as it is, never from the code of the refusal; a run that changed nothing has none.
 */
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import type { Program, Reply } from '../../core/host/program.js';
import { pagesOf } from '../../core/memory/node-memory.js';
import { formatKib } from '../../core/units/size.js';

interface ReservedParts {
  /** The pool as the parent shows it; '' = none. */
  readonly pool: string;
  /** "hugepages of 2 MiB on node 0" → how many, free or in use. */
  readonly pages: ReadonlyMap<string, number>;
}

/** Runs a reservation; `left`: what its end would leave behind, one line each. */
export function* watchReservation<Result, C extends Command>(
  host: Host,
  program: Generator<C, Result, Reply>,
): Program<{ readonly result: Result; readonly left: readonly string[] }, C> {
  // The host may be a live one: what it had is read before the first step.
  const before = partsOf(host);
  let now = host;
  let changed = false;
  let turn = program.next();
  while (!turn.done) {
    const reply = yield turn.value;
    now = reply.host;
    changed ||= reply.decision.effects.length > 0;
    turn = program.next(reply);
  }
  return { result: turn.value, left: changed ? leftBetween(before, partsOf(now)) : [] };
}

function partsOf({ tree, topology, memory }: Host): ReservedParts {
  const pages = new Map<string, number>();
  for (const [position, { pools }] of memory.entries()) {
    const { id } = topology.nodes[position];
    for (const pool of pools) {
      pages.set(`hugepages of ${formatKib(pool.pageKib)} on node ${id}`, pagesOf(pool));
    }
  }
  return { pool: tree.pool.text.trim(), pages };
}

function leftBetween(before: ReservedParts, after: ReservedParts): string[] {
  const lines: string[] = [];
  if (before.pool !== '' && before.pool !== after.pool) {
    lines.push(`the former CPU pool ${before.pool} is gone`);
  }
  if (after.pool !== '')
    lines.push(`the CPU pool stays set: ${after.pool}, these CPUs are offline`);
  for (const [what, count] of after.pages) {
    const had = before.pages.get(what) ?? 0;
    if (had !== count) lines.push(`${what}: ${had} before, ${count} now`);
  }
  return lines;
}
