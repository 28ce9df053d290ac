/**
 * The instructions of a subject by function: its process stepped through, its code looked up.
 *
 * Invariant: the counts add up to all that was executed in the window. Trade-off: code that V8 inlined
 * counts for the function it was inlined into.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CodePiece, countByFunction, readCodeMap, readSymbols } from './code-map.js';
import { compiledFile } from './compiled.js';

/** Of so many repeats together, most first; `stepper` is the program that `buildSteps` makes. */
export function countInstructions(
  stepper: string,
  name: string,
  repeats: number,
): [string, number][] {
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
