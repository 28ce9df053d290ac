/**
 * What the components of a key are made of, field by field, as text: to ask of each field whether
 * anything reads it (unread-fields).
 *
 * Invariant: two numbers of a component have the same text in all fields only where they are equal, so
 * nothing of the view is left out (a test asks all registers). Trade-off: a list of mappings and the
 * cells of a node are told apart by columns, so a field is that of all mappings, or of all frames.
 */
import { canonicalJson } from '../journal/codec.js';
import type { Components } from './components.js';
import { BASE, CPUS, FIRST_NODE, type HostKeys } from './host-keys.js';
import type { NodePart } from './view.js';

/** Field → its content. */
export type Fields = ReadonlyMap<string, string>;

/** One kind of component. */
export interface ComponentFields {
  /** Whose fields they are, as a person says it: `an enclave`. */
  readonly whose: string;
  /** Different contents so far. */
  readonly size: () => number;
  readonly fieldsOf: (number: number) => Fields;
  /** Words of a key that hold such a number, plus `shift`: where that is 1, 0 means none. */
  readonly words: readonly number[];
  readonly shift: 0 | 1;
}

export function componentFields({ layout, registers }: HostKeys): readonly ComponentFields[] {
  const { base, cpus, nodes, enclaves, mappings } = registers;
  const { firstPlace } = layout;
  return [
    kindOf(base, { whose: 'the parent', words: [BASE], shift: 0 }, leaves),
    kindOf(cpus, { whose: 'the CPUs', words: [CPUS], shift: 0 }, leaves),
    kindOf(nodes, { whose: 'a node', words: span(FIRST_NODE, firstPlace), shift: 0 }, cellsOf),
    kindOf(
      enclaves,
      { whose: 'an enclave', words: span(firstPlace, layout.mappings), shift: 1 },
      leaves,
    ),
    kindOf(mappings, { whose: 'a mapping', words: [layout.mappings], shift: 0 }, columnsOf),
  ];
}

function kindOf<Part extends object>(
  register: Components<Part>,
  named: Pick<ComponentFields, 'whose' | 'words' | 'shift'>,
  split: (part: Part) => Fields,
): ComponentFields {
  const known: Fields[] = [];
  const fieldsOf = (number: number) => {
    known[number] ??= split(register.part(number));
    return known[number];
  };
  return { ...named, size: () => register.size, fieldsOf };
}

function span(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}

/** Fields of a record, those of records in it under their own names: `reservation.pageKib`. */
function leaves(part: object): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(part)) {
    if (typeof value !== 'object' || Array.isArray(value)) fields.set(name, canonicalJson(value));
    else for (const [inner, text] of leaves(value)) fields.set(`${name}.${inner}`, text);
  }
  return fields;
}

/** Whose each frame is, and where extents begin, over all stores of a node. */
function cellsOf(part: NodePart): Fields {
  const cells = part.map((store) => Array.from(store));
  return new Map([
    ['owner of frames', canonicalJson(cells.map((store) => store.map((cell) => cell >> 1)))],
    ['bounds of extents', canonicalJson(cells.map((store) => store.map((cell) => cell & 1)))],
  ]);
}

/** One field of all records of a list; their number is in each of them. */
function columnsOf(list: readonly object[]): Fields {
  const columns = new Map<string, string>([['count', String(list.length)]]);
  for (const one of list) {
    for (const [name, text] of leaves(one)) {
      columns.set(name, `${columns.get(name) ?? ''}${text};`);
    }
  }
  return columns;
}
