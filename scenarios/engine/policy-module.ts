/**
 * A user's own policy, from a module file.
 *
 * The module is one file: its text is read once, hashed and run as it was read, so what the run id
 * names is what ran. It is loaded from that text, without a place of its own, where an import of
 * another file or package cannot be resolved; Node's own modules can. Invariant: each call loads the
 * module anew, so no run sees what another left in its variables, whichever worker did that one; and
 * nothing that it does when it is loaded or asked ends the process.
 * Trade-off: Node forgets no module, so each run keeps a few kilobytes for the life of the process.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { textOf } from '../../core/placement/guarded-policy.js';
import { withoutEnding, withoutEndingAsync } from './without-ending.js';

export interface OpenedPolicy {
  readonly policy: FleetPolicy;
  /** Of the module's text. */
  readonly sha256: string;
}

/** Why the file is no policy, and what would be. */
export interface NoPolicy {
  readonly message: string;
  readonly suggestion?: string;
}

const SHAPE = 'export default { name, propose(view, ask) { … } }, or a function that makes one';
const ONE_FILE =
  'a policy is one file: put what it needs into it; only modules of Node can be imported';
/** A text that names another file to import; without a scheme the loader itself refuses. */
const IMPORTS_A_FILE = /(?:\bfrom|\bimport)\s*\(?\s*['"`]file:/;

let loaded = 0;

export async function openPolicyModule(file: string): Promise<OpenedPolicy | NoPolicy> {
  let text: Buffer | undefined;
  try {
    text = readFileSync(file);
    if (IMPORTS_A_FILE.test(text.toString())) {
      return { message: `${file} imports another file`, suggestion: ONE_FILE };
    }
    const source = text;
    const made = await withoutEndingAsync(() => policyOf(source));
    const sha256 = createHash('sha256').update(text).digest('hex');
    if (isPolicy(made)) return { policy: thatEndsNothing(made), sha256 };
  } catch (error) {
    return whyNot(file, text, error);
  }
  return { message: `${file} has no policy as its default export`, suggestion: SHAPE };
}

/** But for an answer that does so when it is looked at, which who waits for the process notices. */
function thatEndsNothing(policy: FleetPolicy): FleetPolicy {
  const { name } = policy;
  return { name, propose: (view, ask) => withoutEnding(() => policy.propose(view, ask)) };
}

async function policyOf(text: Buffer): Promise<unknown> {
  loaded++;
  // Another fragment is another module, of the same text.
  const url = `data:text/javascript;base64,${text.toString('base64')}#${loaded}`;
  const { default: given }: { readonly default?: unknown } = await import(url);
  return typeof given === 'function' ? given() : given;
}

function whyNot(file: string, text: Buffer | undefined, error: unknown): NoPolicy {
  const why = textOf(error, Number.POSITIVE_INFINITY).replaceAll(
    /data:text\/javascript;base64,[^"'\s]*/g,
    file,
  );
  const place = text === undefined ? undefined : placeOf(text, error);
  const where = place === undefined ? file : `${file}:${place}`;
  const message = `the module ${where} cannot be loaded: ${why}`;
  return /resolve module specifier/.test(why) ? { message, suggestion: ONE_FILE } : { message };
}

/** "line:column", or the line, where it threw; of text that cannot be parsed the loader itself tells no line. */
function placeOf(text: Buffer, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const thrown = /data:text\/javascript;base64,[^\s#]*#\d+:(\d+:\d+)/.exec(error.stack ?? '');
  if (thrown !== null) return thrown[1];
  return error instanceof SyntaxError ? placeInText(text) : undefined;
}

/** By a Node that only parses it. */
function placeInText(text: Buffer): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', '--input-type=module'], {
    input: text,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const told = /^\[stdin\]:(\d+)\n.*\n( *)(\^?)/m.exec(stderr);
  if (told === null) return undefined;
  const [, line, before, caret] = told;
  // Where the text ends too soon nothing is pointed at.
  return caret === '' ? line : `${line}:${before.length + 1}`;
}

export function isPolicy(value: unknown): value is FleetPolicy {
  if (typeof value !== 'object' || value === null) return false;
  const { name, propose } = value as Partial<FleetPolicy>;
  return typeof name === 'string' && typeof propose === 'function';
}
