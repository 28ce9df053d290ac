/**
 * `init`: writes a commented scenario to start from.
 *
 * Invariant: an existing file is never overwritten, and what is written runs green with `run`.
 */
import { nearestWord } from '../../core/units/nearest-word.js';
import { writeNewFile } from '../schema/new-file.js';
import { formatProblem } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, OK } from './exit-code.js';
import { INIT_TEMPLATES } from './init-template.js';
import type { Streams } from './streams.js';

const DEFAULT_FILE = 'scenario.yaml';

export function init(
  file = DEFAULT_FILE,
  { platform = 'qingtian' }: { readonly platform?: string },
  { out, err }: Streams,
): ExitCode {
  const fail = (about: string, message: string, suggestion?: string): ExitCode => {
    const words = { file: about, path: '', message, ...(suggestion && { suggestion }) };
    err(`${formatProblem(words)}\n`);
    return BAD_INPUT;
  };
  const text = INIT_TEMPLATES.get(platform);
  if (text === undefined) {
    const known = [...INIT_TEMPLATES.keys()];
    const near = nearestWord(platform, known) ?? known.join(', ');
    return fail(`--platform ${platform}`, 'there is no example for this platform', `try ${near}`);
  }
  if (file === '') return fail(file, 'a file name is missing');
  if (file === '-') {
    out(text);
    return OK;
  }
  const problem = writeNewFile(file, text);
  if (problem !== undefined) return fail(file, problem.message);
  out(`wrote ${file}; run it with: hypercarve run ${file}\n`);
  return OK;
}
