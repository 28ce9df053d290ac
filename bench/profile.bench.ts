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
import { parseArgs } from 'node:util';
import { argumentProblem, wholeNumber } from './arguments.js';
import { buildSteps } from './native-build.js';
import { countInstructions } from './profile-count.js';
import { PROFILE_SUBJECTS } from './profile-subjects.js';

const TOP = 40;

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  const asked = parse(args);
  if (typeof asked === 'string') {
    const names = PROFILE_SUBJECTS.map(({ name }) => name).join(' | ');
    const usage = `npm run bench:profile -- ${names} [--repeats N] [--top N]`;
    process.stderr.write(`bench:profile: ${asked}\n${usage}\n`);
    return 2;
  }
  const { subject, repeats, top } = asked;
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

/** What is asked, or what is wrong with it. */
function parse(args: readonly string[]) {
  const options = { repeats: { type: 'string' }, top: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const subject = PROFILE_SUBJECTS.find(({ name }) => name === positionals[0]);
    if (subject === undefined || positionals.length > 1) return 'one subject is needed';
    const repeats = wholeNumber(values.repeats, subject.repeats);
    const top = wholeNumber(values.top, TOP);
    if (repeats === undefined || top === undefined) return 'a whole number from 1 is needed';
    return { subject, repeats, top };
  } catch (error) {
    return argumentProblem(error);
  }
}
