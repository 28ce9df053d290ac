/**
 * Checks on a text before the YAML library may parse it.
 *
 * The library recurses once or more per nesting level, and near the end of the stack it compiles a
 * regular expression: V8 then ends the whole process, which no `catch` sees. It also spends a
 * stack trace on every error. So depth and length are bounded here, on its own (iterative) lexer.
 * Invariant: a text that passes nests at most about `MOST_LEVELS` deep, by any mix of indentation,
 * brackets and chained indicators (`- - -`, `a: b: c:`).
 * Trade-off: the text is lexed twice; lexing is a quarter of the cost of parsing.
 */
import { CST, Lexer } from 'yaml';

/** 2 MiB: some 20,000 timeline entries. */
export const MOST_BYTES = 2 * 1024 * 1024;
const MOST_TOKENS = 1_000_000;
export const MOST_LEVELS = 100;

/** What is wrong and where, as an offset into the text in UTF-16 units. */
export interface TextFault {
  readonly offset: number;
  readonly message: string;
}

/** The first reason not to parse this text, if any. */
export function guardText(text: string): TextFault | undefined {
  if (text.length > MOST_BYTES) {
    return { offset: 0, message: `the file is larger than ${MOST_BYTES / 1024 / 1024} MiB` };
  }
  return controlCharacter(text) ?? nesting(text);
}

function controlCharacter(text: string): TextFault | undefined {
  const offset = text.search(/[^\P{Cc}\t\n\r\u0085]/u);
  if (offset < 0) return undefined;
  const code = text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  return { offset, message: `control character U+${code}: this is not a text file` };
}

/** How deep the reader is at one token, from the three ways YAML nests. */
interface Levels {
  /** Columns of the lines that enclose the present one. */
  readonly indents: number[];
  /** Indicators (`-`, `?`, `:`) on this line, outside of brackets. */
  chain: number;
  /** Per open bracket: indicators since it opened or since the last comma. */
  readonly brackets: number[];
  /** Sum of `brackets`. */
  flowChain: number;
}

/** Marks the lexer sends before a document, a scalar's text and a wrong end; not in the text. */
const MARKS: readonly string[] = [CST.DOCUMENT, CST.SCALAR, CST.FLOW_END];

function nesting(text: string): TextFault | undefined {
  const levels: Levels = { indents: [], chain: 0, brackets: [], flowChain: 0 };
  let offset = 0;
  let tokens = 0;
  let lineStart: number | undefined = 0;
  let scalarNext = false;
  for (const source of new Lexer().lex(text)) {
    if (++tokens > MOST_TOKENS) return { offset, message: 'the file has too many parts' };
    if (MARKS.includes(source)) {
      scalarNext = source === CST.SCALAR;
      continue;
    }
    const type = scalarNext ? 'scalar' : CST.tokenType(source);
    scalarNext = false;
    const visible = type !== 'space' && type !== 'newline' && type !== 'comment';
    if (lineStart !== undefined && visible) {
      if (levels.brackets.length === 0) startLine(levels, offset - lineStart);
      lineStart = undefined;
    }
    if (!count(levels, type)) return { offset, message: 'a closing bracket without its opening' };
    if (depthOf(levels) > MOST_LEVELS) {
      return { offset, message: `nested more than ${MOST_LEVELS} levels deep` };
    }
    offset += source.length;
    if (source.endsWith('\n')) lineStart = offset;
  }
  return undefined;
}

function depthOf({ indents, chain, brackets, flowChain }: Levels): number {
  return indents.length + chain + brackets.length + flowChain;
}

function startLine(levels: Levels, column: number): void {
  while (levels.indents.length > 0 && (levels.indents.at(-1) ?? 0) >= column) levels.indents.pop();
  levels.indents.push(column);
  levels.chain = 0;
}

/** Takes one token into account; false for a bracket that closes nothing. */
function count(levels: Levels, type: CST.TokenType | null): boolean {
  const { brackets } = levels;
  switch (type) {
    case 'flow-seq-start':
    case 'flow-map-start':
      brackets.push(0);
      return true;
    case 'flow-seq-end':
    case 'flow-map-end':
      if (brackets.length === 0) return false;
      levels.flowChain -= brackets.pop() ?? 0;
      return true;
    case 'comma':
      levels.flowChain -= brackets.at(-1) ?? 0;
      if (brackets.length > 0) brackets[brackets.length - 1] = 0;
      return true;
    case 'seq-item-ind':
    case 'explicit-key-ind':
    case 'map-value-ind':
      if (brackets.length === 0) levels.chain++;
      else {
        brackets[brackets.length - 1]++;
        levels.flowChain++;
      }
      return true;
    default:
      return true;
  }
}
