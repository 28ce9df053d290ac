/**
 * The long campaign: `npm run campaign -- --ops N --seed S --workers K [--platform P]`.
 *
 * Runs judged sequences on worker threads and prints work counters, seed, digest and hours. The
 * counters and the digest depend on N, S and P only, never on K or the machine. `--sequence I` runs
 * one sequence alone: what a disagreement prints to be replayed. Exit code 1 on a disagreement, 2
 * on bad arguments. Runs from dist/, since Node 20 reads no types.
 */
import { Worker } from 'node:worker_threads';
import { digestText, runShare, sequencesOf, sumOfWork } from '../kit/oracle/campaign.js';
import { judgeSequence, newWork, type Work } from '../kit/oracle/sequence.js';
import { type Asked, asksForHelp, readArguments, USAGE } from './campaign-arguments.js';
import type { ShareOrder, ShareReport } from './campaign-worker.js';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(USAGE);
    return 0;
  }
  const asked = readArguments(argv);
  if (typeof asked === 'string') {
    console.error(`${asked}\n${USAGE}`);
    return 2;
  }
  try {
    const startedMs = performance.now();
    const work = asked.sequence === undefined ? await runAll(asked) : runOne(asked);
    console.log(summary(asked, work, (performance.now() - startedMs) / 1000));
    return 0;
  } catch (error) {
    console.error(`DISAGREEMENT: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function runOne({ platforms, seed, sequence = 0 }: Asked): Work {
  const work = newWork();
  for (const platform of platforms) judgeSequence(platform, seed, sequence, work);
  return work;
}

async function runAll({ workers, ...spec }: Asked): Promise<Work> {
  const each = sequencesOf(spec) * spec.platforms.length;
  console.error(`${each} sequences on ${workers} workers, seed ${spec.seed}`);
  if (workers === 1) return runShare(spec);
  const orders = Array.from({ length: workers }, (_, index) => ({ spec, index, of: workers }));
  return sumOfWork(await Promise.all(orders.map(shareOf)));
}

function shareOf(order: ShareOrder): Promise<Work> {
  const worker = new Worker(new URL('./campaign-worker.js', import.meta.url), {
    workerData: order,
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (report: ShareReport) => {
      if ('problem' in report) reject(new Error(report.problem));
      else resolve(report.work);
    });
  });
}

function summary(asked: Asked, work: Work, seconds: number): string {
  const results = [...work.results].sort(([a], [b]) => (a < b ? -1 : 1));
  const rate = Math.round(work.operations / seconds);
  return [
    ...results.map(([result, times]) => `  ${String(times).padStart(12)}  ${result}`),
    `platforms   ${asked.platforms.join(', ')}`,
    `operations  ${work.operations}, accepted ${work.accepted}, disagreements 0`,
    `seed        ${asked.seed}`,
    `digest      ${digestText(work)}`,
    `time        ${(seconds / 3600).toFixed(3)} h, ${rate} operations/s, ${asked.workers} workers`,
  ].join('\n');
}
