/**
 * `--set path=value`: one value of a scenario replaced from the command line.
 *
 * The value is read as YAML (`4GiB`, `true`, `[a, b]`, `{cpus: "0-7", memory: 8GiB}`); an empty
 * value removes the key. Mappings on the way are made, a list grows by at most one entry.
 * Invariant: the given value is not changed; the result shares no part that was written to.
 * Trade-off: applied to the plain value before validation, so a wrong result is told by the schema,
 * and the problem names the argument instead of a line.
 */
import { formatPath, meantPath, type Path, parsePath } from './path.js';
import { type Problem, quoteValue } from './problem.js';
import { readTree } from './yaml-tree.js';

export interface Setting {
  /** As given, without the flag. */
  readonly argument: string;
  readonly path: Path;
  /** undefined removes the key. */
  readonly value: unknown;
}

/** Deeper than any scenario; a longer path is a slip, and would be walked step by step. */
const MOST_STEPS = 32;
const EXAMPLES = 'such as parent.topology.nodes[0].memory or images["my.eif"].size';
/** Of an argument in a message. */
const MOST_SHOWN = 120;

/** The name under which problems of a setting are reported. */
export function settingName(argument: string): string {
  const long = argument.length > MOST_SHOWN;
  return `--set ${long ? `${argument.slice(0, MOST_SHOWN)}…` : argument}`;
}

/** Reads one `path=value`. */
export function parseSetting(argument: string): Setting | { readonly problem: Problem } {
  const fail = (message: string, suggestion?: string): { problem: Problem } => ({
    problem: { file: settingName(argument), path: '', message, suggestion },
  });
  const split = splitAt(argument);
  if (split < 0) return fail('there is no "="', 'write --set path=value');
  const written = argument.slice(0, split);
  const path = parsePath(written);
  if (path === undefined) {
    const meant = meantPath(written) ?? EXAMPLES;
    return fail(`${quoteValue(written)} is not a path`, `write ${meant}`);
  }
  if (path.length > MOST_STEPS) return fail(`the path has more than ${MOST_STEPS} steps`);
  if (path.includes('__proto__')) return fail('unknown key `__proto__`');
  const text = argument.slice(split + 1);
  if (text.trim() === '') return { argument, path, value: undefined };
  const tree = readTree(text);
  if ('faults' in tree) return fail(tree.faults[0].message);
  if (tree.findings.length > 0) return fail(tree.findings[0].message);
  return { argument, path, value: tree.value };
}

/** Index of the first "=" that is not inside a quoted key; -1 when there is none. */
function splitAt(argument: string): number {
  const found = /^(?:[^="]|"(?:[^"\\]|\\.)*")*=/.exec(argument);
  return found === null ? -1 : found[0].length - 1;
}

/** The value with one setting applied, or why its path leads nowhere. */
export function applySetting(
  root: unknown,
  setting: Setting,
): { readonly value: unknown } | { readonly problem: Problem } {
  const result = replaceAt(root, setting.path, 0, setting.value);
  if ('value' in result) return result;
  const path = formatPath(setting.path.slice(0, result.depth + 1));
  const file = settingName(setting.argument);
  return { problem: { file, path, message: result.message } };
}

type Replaced = { readonly value: unknown } | { readonly depth: number; readonly message: string };

function replaceAt(node: unknown, path: Path, depth: number, value: unknown): Replaced {
  if (depth === path.length) return { value };
  return typeof path[depth] === 'number'
    ? replaceInList(node, path, depth, value)
    : replaceInMapping(node, path, depth, value);
}

function replaceInList(node: unknown, path: Path, depth: number, value: unknown): Replaced {
  const index = path[depth] as number;
  const list: readonly unknown[] | undefined =
    node === undefined || node === null ? [] : Array.isArray(node) ? node : undefined;
  if (list === undefined) return { depth, message: 'there is no list here' };
  if (index > list.length) {
    const have = list.length === 1 ? '1 entry' : `${list.length} entries`;
    return { depth, message: `the list has ${have}; the next is [${list.length}]` };
  }
  const inner = replaceAt(list[index], path, depth + 1, value);
  if (!('value' in inner)) return inner;
  const after = inner.value === undefined ? [] : [inner.value];
  return { value: [...list.slice(0, index), ...after, ...list.slice(index + 1)] };
}

function replaceInMapping(node: unknown, path: Path, depth: number, value: unknown): Replaced {
  const key = String(path[depth]);
  if (node !== undefined && node !== null && (typeof node !== 'object' || Array.isArray(node))) {
    const what = Array.isArray(node) ? 'a list: write an index such as [0]' : 'a single value';
    return { depth, message: `there is ${what}, which has no key \`${key}\`` };
  }
  const mapping: Record<string, unknown> = { ...node };
  const before = Object.hasOwn(mapping, key) ? mapping[key] : undefined;
  const inner = replaceAt(before, path, depth + 1, value);
  if (!('value' in inner)) return inner;
  if (inner.value === undefined) delete mapping[key];
  else mapping[key] = inner.value;
  return { value: mapping };
}
