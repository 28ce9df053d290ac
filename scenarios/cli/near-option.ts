/**
 * "Did you mean …" for an option that there is not, where the option parser has no guess of its own.
 *
 * Invariant: what is named is an option of the command; silent where none is near or several are as near.
 * Trade-off: the parser's message is read, since it tells of an unknown option in no other way.
 */
import { nearestWord } from '../../core/units/nearest-word.js';

const UNKNOWN = /unknown option '-{1,2}([A-Za-z][\w-]*)/;

/**
 * The message of the option parser, with a guess where it has none.
 * @param options long names of what the command takes, such as `--json`
 */
export function withNearOption(message: string, options: readonly string[]): string {
  const word = UNKNOWN.exec(message)?.[1];
  if (word === undefined || message.includes('Did you mean')) return message;
  const near = nearOption(word.toLowerCase(), options);
  return near === undefined ? message : `${message.trimEnd()}\n(Did you mean ${near}?)\n`;
}

/** `-json`, `--stop` for `--stop-at-first`, `--states` for `--max-states`, `-o` for the one with an o. */
function nearOption(word: string, options: readonly string[]): string | undefined {
  const names = options.map((option) => option.replace(/^--/, ''));
  const alike = (ends: (name: string) => boolean) => {
    const found = names.filter(ends);
    return found.length === 1 ? found[0] : undefined;
  };
  const near =
    word.length === 1
      ? alike((name) => name.startsWith(word))
      : (nearestWord(word, names) ?? alike((name) => name.endsWith(`-${word}`)));
  return near === undefined ? undefined : `--${near}`;
}
