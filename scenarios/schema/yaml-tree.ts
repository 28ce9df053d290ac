/**
 * A YAML 1.2 (or JSON) text as plain values that remember where they stood.
 *
 * Invariant: the value is a tree of fresh plain objects, arrays and scalars: no shared parts, no
 * loops, no key `__proto__`, no key twice, and no tag chose a type. Anything else is a finding.
 * The walk is ours and not the library's `toJS`, because it is linear in wide mappings, bounds what
 * aliases expand to, and knows every node's place.
 * Trade-off: merge keys (`<<`), custom tags and non-text keys are refused rather than supported.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Path } from './path.js';
import type { Finding } from './problem.js';
import { guardText, MOST_LEVELS, type TextFault } from './yaml-guard.js';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlTree {
  readonly value: unknown;
  /** What the reader refuses; places are those of `locate`. */
  readonly findings: readonly Finding[];
  /** Where a path stands, or its nearest ancestor that does. */
  readonly locate: (path: Path, atKey?: boolean) => Place;
}

export interface PlacedFault extends Place {
  readonly message: string;
}

/** Values that aliases may add to a file. */
const MOST_ALIASED = 20_000;
/** Syntax errors worth listing: later ones mostly follow from the first. */
const MOST_FAULTS = 5;

/** Reads one document; syntax errors (there may be several) come back as faults. */
export function readTree(text: string): YamlTree | { readonly faults: readonly PlacedFault[] } {
  const lines = new LineCounter();
  const guarded = guardText(text);
  if (guarded !== undefined) return { faults: [placeByCounting(text, guarded)] };
  const parsed = parse(text, lines);
  if ('faults' in parsed) {
    return {
      faults: parsed.faults.map((f) => ({ ...placeOf(lines, f.offset), message: f.message })),
    };
  }
  const walk = new Walk();
  const value = parsed.contents === null ? null : walk.read(parsed.contents, [], 0);
  return {
    value,
    findings: walk.findings,
    locate: (path, atKey = false) =>
      placeOf(lines, offsetOf(parsed.contents, path, atKey, walk.targets)),
  };
}

function parse(text: string, lineCounter: LineCounter): Document | { faults: TextFault[] } {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter,
  });
  if (document.errors.length === 0) return document;
  const faults = document.errors.slice(0, MOST_FAULTS).map((error) => ({
    offset: error.pos[0],
    message:
      error.code === 'MULTIPLE_DOCS'
        ? 'a second document starts here; a scenario is one document'
        : `not valid YAML: ${inBrackets(error.message)}`,
  }));
  return { faults };
}

/** The library calls what JSON writes flow collections; a person sees the brackets. */
function inBrackets(message: string): string {
  return message.replaceAll(/flow map/gi, '{ }').replaceAll(/flow sequence/gi, '[ ]');
}

/** One pass over the nodes in document order. */
class Walk {
  readonly findings: Finding[] = [];
  readonly targets = new Map<Alias, Node>();
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #aliased = 0;

  read(node: unknown, path: Path, level: number): unknown {
    if (this.#aliasDepth > 0 && ++this.#aliased > MOST_ALIASED) {
      if (this.#aliased === MOST_ALIASED + 1) {
        this.#find(path, `aliases expand to more than ${MOST_ALIASED} values`);
      }
      return null;
    }
    if (level > MOST_LEVELS) {
      this.#find(path, `nested more than ${MOST_LEVELS} levels deep`);
      return null;
    }
    if (isAlias(node)) return this.#readAlias(node, path, level);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (node.tag !== undefined) this.#find(path, `the tag ${node.tag} is not read here`);
    if (isScalar(node)) return node.value;
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, index) => this.read(item, [...path, index], level + 1))
      : this.#readMap(node, path, level);
    this.#open.delete(node);
    return value;
  }

  #readMap(map: YAMLMap, path: Path, level: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const pair of map.items) {
      const key = keyOf(pair.key);
      if (key === undefined) this.#find(path, 'a key here is no plain text', 'write `key: value`');
      else if (key === '__proto__')
        this.#find([...path, key], 'unknown key `__proto__`', undefined, true);
      else if (Object.hasOwn(value, key)) {
        this.#find(
          [...path, key],
          `the key \`${key.slice(0, 60)}\` stands here twice`,
          undefined,
          true,
        );
      } else value[key] = this.read(pair.value, [...path, key], level + 1);
    }
    return value;
  }

  #readAlias(alias: Alias, path: Path, level: number): unknown {
    const target = this.#anchors.get(alias.source);
    if (target === undefined || this.#open.has(target)) {
      const why = target === undefined ? 'names no anchor before it' : 'contains itself';
      this.#find(path, `the alias *${alias.source.slice(0, 60)} ${why}`);
      return null;
    }
    this.targets.set(alias, target);
    this.#aliasDepth++;
    const value = this.read(target, path, level + 1);
    this.#aliasDepth--;
    return value;
  }

  #find(path: Path, message: string, suggestion?: string, atKey?: boolean): void {
    if (this.findings.length < 1000) this.findings.push({ path, message, suggestion, atKey });
  }
}

/** A key's text; numbers, booleans and null count as what they print as, collections do not. */
function keyOf(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  if (!isScalar(key) || key.tag !== undefined) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function offsetOf(
  root: unknown,
  path: Path,
  atKey: boolean,
  targets: ReadonlyMap<Alias, Node>,
): number {
  let offset = startOf(root) ?? 0;
  let node = root;
  for (const [depth, step] of path.entries()) {
    while (isAlias(node)) node = targets.get(node);
    if (isSeq(node) && typeof step === 'number') node = node.items[step];
    else if (isMap(node)) {
      const pairs = node.items.filter((item) => keyOf(item.key) === String(step));
      const pair = atKey && depth === path.length - 1 ? pairs.at(-1) : pairs[0];
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      if (atKey && depth === path.length - 1) return offset;
      node = pair.value;
    } else return offset;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
    ? node.range?.[0]
    : undefined;
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** For a text that was not parsed: nobody counted its lines yet. */
function placeByCounting(text: string, { offset, message }: TextFault): PlacedFault {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, message };
}
