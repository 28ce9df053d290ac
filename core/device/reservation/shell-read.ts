/**
 * How bash 5.2 reads lines and prints words, where the reservation script depends on it.
 *
 * Models `read` without -r under the default IFS, and `echo` of an unquoted variable. Invariant: a
 * line is what the script's own variable would hold. Trade-off: `echo -e` escapes and file name
 * expansion are left out; a value with `*` or `?` in it is taken as written, as if no file
 * matched.
 * Source: GNU Bash Reference Manual (read, echo, word splitting); the corners with escaped blanks
 * were measured on bash 5.2.15.
 */

interface Char {
  readonly text: string;
  /** It stood behind a backslash, so it does not count as a separator. */
  readonly escaped: boolean;
}

/**
 * Lines as successive `read line` calls give them: a backslash quotes the next character or joins
 * the next line, blanks (space, tab) around the line go, NUL bytes go. A last line without newline
 * is dropped (quirk `unfinished-line-dropped`): `read` fails on it, and the loop ends there.
 */
export function readLines(text: string): string[] {
  const lines: string[] = [];
  let line: Char[] = [];
  let escaped = false;
  for (const char of text) {
    if (escaped) {
      escaped = false;
      if (char !== '\n') line.push({ text: char, escaped: true });
    } else if (char === '\\') {
      escaped = true;
    } else if (char === '\n') {
      lines.push(stripped(line));
      line = [];
    } else if (char !== '\0') {
      line.push({ text: char, escaped: false });
    }
  }
  return lines;
}

/**
 * Blanks around a line go. An escaped blank counts as text, with bash's own exception: at the end
 * of a line of several words it goes too. Of a line of nothing but such blanks bash's own mark of an
 * escaped character is left.
 */
function stripped(line: readonly Char[]): string {
  let start = 0;
  while (start < line.length && isSeparator(line[start])) start++;
  const rest = line.slice(start);
  const firstGap = rest.findIndex(isSeparator);
  if (firstGap < 0) return joined(rest);
  if (rest.slice(firstGap).every(isSeparator)) return joined(rest.slice(0, firstGap));
  let end = rest.length;
  while (end > 1 && isBlank(rest[end - 1])) end--;
  return isBlank(rest[end - 1]) ? ESCAPE_MARK : joined(rest.slice(0, end));
}

/** CTLESC of bash's source. */
const ESCAPE_MARK = '\u0001';

function isBlank(char: Char): boolean {
  return char.text === ' ' || char.text === '\t';
}

function isSeparator(char: Char): boolean {
  return isBlank(char) && !char.escaped;
}

function joined(chars: readonly Char[]): string {
  return chars.map((char) => char.text).join('');
}

const ECHO_OPTION = /^-[neE]+$/;

/** The bytes `echo $value` writes: words joined by one space, options swallowed, then a newline. */
export function echoWords(value: string): string {
  const words = value.split(/[ \t\n]/).filter((word) => word !== '');
  const firstText = words.findIndex((word) => !ECHO_OPTION.test(word));
  const texts = firstText < 0 ? [] : words.slice(firstText);
  const options = words.slice(0, words.length - texts.length);
  const newline = options.some((option) => option.includes('n')) ? '' : '\n';
  return texts.join(' ') + newline;
}

/** What a command behind `echo "$line" |` sees: nothing when the line is an option of echo. */
export function echoLine(line: string): string {
  return ECHO_OPTION.test(line) ? '' : line;
}
