/**
 * `npm run bench -- [--full | --growth | --limits | --smoke] [--json FILE] [--keep] [--check]`.
 *
 * Prints tables to standard output and progress to standard error. --json writes everything measured
 * to a file; --keep adds the run to reports/kept and draws its plots
 * (with --growth only the growth plot, with --limits only the page of limits); --check exits with 1 when a ratio
 * to the native baseline is worse than the last kept one by more than the tolerance. Those of b_mix and
 * b_rand are not compared (`history` says why).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  comparedRatios,
  type KeptRun,
  keep,
  keptRun,
  lastLike,
  readHistory,
  regressions,
  TOLERANCE,
} from './history.js';
import type { Limits } from './limits.js';
import { machineNow } from './machine.js';
import {
  hotPathText,
  limitsText,
  machineText,
  raceText,
  reasonsText,
  targetsText,
} from './print.js';
import { runBench, SIZES, type SizeName } from './suite.js';
import { type Results, type Target, targetsOf } from './targets.js';

interface Options {
  readonly size: SizeName;
  readonly json?: string;
  readonly keep: boolean;
  readonly check: boolean;
}

const USAGE =
  'npm run bench -- [--full | --growth | --limits | --smoke] [--json FILE] [--keep] [--check]';

const options = parse(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`bench: ${options}\n${USAGE}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = await main(options);
}

function parse(args: readonly string[]): Options | string {
  const rest = [...args];
  let size: SizeName = 'quick';
  let json: string | undefined;
  const flags = new Set<string>();
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--full') size = 'full';
    else if (arg === '--growth') size = 'growth';
    else if (arg === '--limits') size = 'limits';
    else if (arg === '--smoke') size = 'smoke';
    else if (arg === '--keep' || arg === '--check') flags.add(arg);
    else if (arg !== '--json') return `unknown argument ${arg}`;
    else {
      json = rest.shift();
      if (json === undefined) return '--json needs a file';
    }
  }
  if (size === 'smoke' && flags.has('--keep')) return '--smoke measures too little to keep';
  const chosen = { size, keep: flags.has('--keep'), check: flags.has('--check') };
  return json === undefined ? chosen : { ...chosen, json };
}

async function main({ size, json, keep: keeps, check }: Options): Promise<number> {
  const machine = machineNow();
  const date = new Date().toISOString().slice(0, 10);
  print(`${machineText(machine)}\n`);
  const run = await runBench(SIZES[size], {
    progress: (text) => void process.stderr.write(`${text}\n`),
    raced: (race) => print(`${raceText(race)}\n`),
  });
  const targets = targetsOf(run);
  for (const note of run.notes) print(`note: ${note}`);
  if (machine.load > machine.cpus / 2) print('note: the machine is busy; compare net minima');
  const kept = run.races.length === 0 ? undefined : keptRun(run, targets, machine, date);
  const compared = kept === undefined ? undefined : comparedWithLast(kept);
  if (run.limits !== undefined) print(`${limitsText(run.limits)}\n`);
  if (compared !== undefined) printOutcome(run, targets, compared.told);
  if (json !== undefined) {
    mkdirSync(dirname(resolve(json)), { recursive: true });
    writeFileSync(json, `${JSON.stringify({ date, machine, size, ...run, targets }, null, 2)}\n`);
  }
  if (keeps) {
    const page = keptLimits(size, run.limits, targets, `${date}, ${machineText(machine)}`);
    keep(size === 'limits' ? undefined : kept, run.growth, page);
  }
  return check && compared?.isFine !== true ? 1 : 0;
}

/** With the last kept run of the same size; a run that cannot be compared is not fine. */
function comparedWithLast(kept: KeptRun): { readonly isFine: boolean; readonly told: string } {
  const last = lastLike(kept, readHistory());
  if (last === undefined) {
    const size = `${kept.operations} operations and ${kept.seeds} seeds`;
    return { isFine: false, told: `no kept run of ${size} to compare with` };
  }
  if (comparedRatios(kept).length === 0) {
    return { isFine: false, told: 'no ratio to native was measured, so none is compared' };
  }
  const worse = regressions(kept, last);
  const none = `no ratio to native is more than ${TOLERANCE} times that of ${last.date} (b_mix and b_rand, 1,400 operations each, are not compared)`;
  const told =
    worse.length === 0 ? none : `slower than the last kept run:\n  ${worse.join('\n  ')}`;
  return { isFine: worse.length === 0, told };
}

/** The page that is kept of the limits; undefined when they were not measured. */
function keptLimits(
  size: SizeName,
  limits: Limits | undefined,
  targets: readonly Target[],
  whenAndWhere: string,
): string | undefined {
  if (limits === undefined || limits.times.length === 0) return undefined;
  const [{ seeds, operations }] = SIZES[size].parts;
  const ofTables = SIZES[size].limits?.operations ?? 0;
  return `# What keeps the allocator from the speed of its native twin

\`npm run bench -- --${size} --keep\`, ${whenAndWhere}. The same algorithm on the same
trace, times net of the replay loop; "× native" is of the minima.

\`\`\`text
${limitsText(limits)}
\`\`\`

## The targets that were not met, and why

What we reach of what is asked; what one reaches in our place who does nothing but what must be done; the
reason in figures of this run: races of ${operations} operations (seeds ${seeds.join(', ')}), tables of
${ofTables}. The targets are defined on the races of \`--full\` (5 seeds, a million operations),
where more or fewer may be met.

\`\`\`text
${reasonsText(targets)}
\`\`\`

## How to read the tables

"Without inlining" is the C twin with every function a call and fewer optimisations. "V8 inlining more"
is our code with V8's budget for inlining raised: what calls still cost us. "By records" is our code
without handles and without checks of what is asked, "in one block" besides without an address table
that has anything to write (bench/racers/stripped-pool).

"Bare" makes the same choices, place by place, with nothing else: no generations, no journal, no errors,
no lookup by address, no counts of what is free, room that is fixed; in JavaScript written so that V8
sees every index inside its array (bench/racers/bare), in C the twin without its address table and
generations. Bare over bare is the language; ours over the bare one is what we do besides. Where the bare
one is below a target that ours misses, the language does not forbid it; what we do besides costs the
difference. "Checked" is the bare search whose every index is checked, "in a field" the one whose array is in
a field that may change, as that of a pool must that grows, so that V8 knows neither where it is nor how long;
"counted" besides counts what our pools count. "wasm" is the twin, generations and address table included, compiled to WebAssembly and run by
the same engine: called for each operation, or once for the whole trace, which nobody can do who decides
one request at a time.

The second table is counted, not timed: all programs stepped through the same 1,000 operations, the
replay loop included. "Checks" are conditional jumps that were never taken in that window: that an
index is inside its array, that a sum has not overflowed, that a value is a small integer, that an
object still has its shape. The C twin has no need of them. "Code" is distinct instructions. Around
the checks stand the loads of what they compare with, and the words kept on the stack for want of
registers. So V8 executes several times as much for the same algorithm, as the counts say; a processor
hides most of that, since checks are predicted, but not all. How far down the
counts can go in JavaScript the bare search shows.

The third table has the granule-aware policy on a node of 24 TiB beside one of 1 TiB. Why somebody who
executes fewer instructions an operation there still takes longer was not measured.

The last table is of a fresh snapshot: copying as many bytes is a small part of it, fresh memory the
rest (the system hands out its pages one by one, zeroed, as they are first touched), as the bare copies
beside it show. Whoever takes snapshots often passes memory to write to.
`;
}

function printOutcome(run: Results, targets: readonly Target[], compared: string): void {
  print(`${hotPathText(run.hotPath)}\n`);
  print(targetsText(targets));
  print(compared);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
