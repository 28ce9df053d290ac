/**
 * `npm run bench:profile -- SUBJECT [--repeats N] [--top N]`: which functions execute how many
 * instructions, counted one by one.
 *
 * Where times vary by a third, as on a shared machine, a function of ours executes the same from run to
 * run; so a change of the hot path is judged by it, before and after. What varies is what V8 inlines,
 * which counts for the function it was inlined into, and the runtime, which ends its compiling in the
 * window. Invariant: the counts add up to all that was
 * executed in the window. Trade-off: no waiting for memory is seen; Linux on x86-64 with a C compiler.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeNumber } from './arguments.js';
import { type CodePiece, countByFunction, readCodeMap, readSymbols } from './code-map.js';
import { compiledFile } from './compiled.js';
import { buildSteps } from './native-build.js';
import { PROFILE_SUBJECTS } from './profile-subjects.js';

const TOP = 40;

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  const subject = PROFILE_SUBJECTS.find(({ name }) => name === args[0]);
  const repeats = wholeNumber(args, '--repeats', subject?.repeats ?? 1);
  const top = wholeNumber(args, '--top', TOP);
  if (subject === undefined || repeats === undefined || top === undefined) {
    const names = PROFILE_SUBJECTS.map(({ name }) => name).join(' | ');
    process.stderr.write(`npm run bench:profile -- ${names} [--repeats N] [--top N]\n`);
    return 2;
  }
  const steps = buildSteps();
  if ('skipped' in steps) {
    process.stderr.write(`bench:profile: ${steps.skipped}\n`);
    return 1;
  }
  process.stderr.write(`stepping through ${repeats} × ${subject.unit} …\n`);
  const sums = profile(steps.program, subject.name, repeats);
  const all = sums.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${(all / repeats).toFixed(0).padStart(9)}  instructions per ${subject.unit}`);
  for (const [name, count] of sums.slice(0, top)) {
    console.log(`${(count / repeats).toFixed(0).padStart(9)}  ${name}`);
  }
  return 0;
}

function profile(stepper: string, name: string, repeats: number): [string, number][] {
  const folder = mkdtempSync(join(tmpdir(), 'hypercarve-profile-'));
  const file = join(folder, 'counts');
  const node = [process.execPath, '--perf-basic-prof', '--interpreted-frames-native-stack'];
  const command = [...node, compiledFile('profile-process'), name, `${repeats}`];
  // In the folder, since V8 leaves a log where it runs.
  const options = { encoding: 'utf8', cwd: folder } as const;
  const ran = spawnSync(stepper, ['--counts', file, ...command], options);
  if (ran.status !== 0) throw new Error(`the stepper ended with ${ran.status}: ${ran.stderr}`);
  const [number = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  rmSync(folder, { recursive: true });
  const map = `/tmp/perf-${number}.map`;
  const pieces = readCodeMap(readFileSync(map, 'utf8'));
  rmSync(map);
  const counts = lines.map((line): [number, number] => {
    const [address = '', count = ''] = line.split(' ');
    return [Number.parseInt(address, 16), Number(count)];
  });
  return countByFunction([...pieces, ...runtimePieces()], new Map(counts));
}

/** Empty where there is no `nm`; a runtime that is moved at each start has none at these addresses. */
function runtimePieces(): CodePiece[] {
  const { status, stdout } = spawnSync('nm', ['-S', '-C', process.execPath], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return status === 0 ? readSymbols(stdout) : [];
}
