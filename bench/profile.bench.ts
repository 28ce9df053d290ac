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
import { wholeNumber } from './arguments.js';
import { buildSteps } from './native-build.js';
import { countInstructions } from './profile-count.js';
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
  const sums = countInstructions(steps.program, subject.name, repeats);
  const all = sums.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${(all / repeats).toFixed(0).padStart(9)}  instructions per ${subject.unit}`);
  for (const [name, count] of sums.slice(0, top)) {
    console.log(`${(count / repeats).toFixed(0).padStart(9)}  ${name}`);
  }
  return 0;
}
