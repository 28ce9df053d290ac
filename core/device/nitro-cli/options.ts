/**
 * Splitting a command line into options, as the program's option parser (clap) does.
 *
 * Invariant: each option is given at most once; a value never looks like an option unless it is
 * joined with "=". What breaks the grammar ends the program with status 2 and no E-code.
 * Trade-off: --help and --version are not enacted. Source: nitro RULES.md §5.1 (create_app!).
 */
import type { Refusal } from '../../refusal/refusal.js';

/** How many values an option takes. */
export type Arity = 'none' | 'one' | 'many';

/** Option → its values; an option that takes none has []. */
export type GivenOptions = ReadonlyMap<string, readonly string[]>;

/** Exit status of a line that breaks the grammar. */
export const USAGE_STATUS = 2;

/** What a line that breaks the grammar of `command` is told. */
export function usageRefusal(command: string, problem: string): Refusal {
  return {
    layer: 'cli',
    codes: [],
    rule: 'nitro-cli.usage',
    message: `error: ${problem}`,
    numbers: {},
    remedy: `See nitro-cli ${command} --help.`,
  };
}

/** The options of `tokens`, or what is wrong with them. */
export function splitOptions(
  tokens: readonly string[],
  arity: Readonly<Record<string, Arity>>,
): { readonly given: GivenOptions } | { readonly problem: string } {
  const given = new Map<string, readonly string[]>();
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i];
    const [, name, joined] = /^--([^=]+)(?:=(.*))?/s.exec(token) ?? [];
    // A token that is no option gives no name, and none is called that.
    if (!Object.hasOwn(arity, name)) {
      return { problem: `unexpected argument '${token}' found` };
    }
    const takes = arity[name];
    if (given.has(name)) return { problem: `'--${name}' cannot be used multiple times` };
    const values = joined === undefined ? following(tokens, i + 1, takes) : [joined];
    if (joined !== undefined && takes === 'none') {
      return { problem: `unexpected value '${joined}' for '--${name}'` };
    }
    if (values.length === 0 && takes !== 'none') {
      return { problem: `a value is required for '--${name}'` };
    }
    given.set(name, values);
    i += 1 + (joined === undefined ? values.length : 0);
  }
  return { given };
}

function following(tokens: readonly string[], from: number, takes: Arity): string[] {
  const most = takes === 'none' ? 0 : takes === 'one' ? 1 : tokens.length;
  const values: string[] = [];
  for (let i = from; i < tokens.length && values.length < most; i++) {
    if (tokens[i].startsWith('-') && tokens[i] !== '-') break;
    values.push(tokens[i]);
  }
  return values;
}
