/**
 * Fields of the state that nothing reads: they would only pad a scope.
 *
 * A field is read when two states that the search met, and that differ in it alone, are told apart
 * by some move's answer or by where the move leads outside that field. Fields of one component that
 * tell each other, so that they always change together, are asked of as one. Invariant: a field counts
 * as read only on such evidence; where no two states differ in it alone, it follows from the rest and
 * multiplies nothing. Trade-off: at most `PAIRS` pairs a field are compared, out of `STATES` states
 * taken from all over the search, so a field may be called unread that a rarer pair would show; and
 * fields of two components that always change together are not seen.
 */
import { type ComponentFields, componentFields, type Fields } from './component-fields.js';
import type { HostModel } from './host-model.js';
import { ABSENT, MOVED } from './model.js';
import type { RememberingModel } from './remembering-model.js';
import type { Search } from './search.js';

const PAIRS = 300;
const STATES = 50_000;
/** From one state taken to the next, around. */
const STRIDE = 7919;

export interface FieldUse {
  /** Whose field it is: `an enclave`. */
  readonly whose: string;
  /** Its name; all names of fields that always change together: `task and fd`. */
  readonly field: string;
  /** Pairs of states compared that differ in the field alone. */
  readonly pairs: number;
  readonly read: boolean;
}

/** How each field that varies by itself in a finished search is used. */
export function fieldUses(model: RememberingModel, { visited }: Search): FieldUse[] {
  const key = new Int32Array(model.words);
  const twin = new Int32Array(model.words);
  const canonical = new Int32Array(model.words);
  const kinds = componentFields(model.source.keys).map((kind) => ({ kind, twins: twinsOf(kind) }));
  const uses = new Map<string, { whose: string; field: string; pairs: number; read: boolean }>();
  for (let i = 0; i < Math.min(visited.size, STATES); i++) {
    visited.read((i * STRIDE) % visited.size, key);
    for (const { kind, twins } of kinds) {
      for (const word of kind.words) {
        for (const { fields, number } of twins.get(key[word] - kind.shift) ?? []) {
          const field = fields.join(' and ');
          const name = `${field} of ${kind.whose}`;
          const use = uses.get(name) ?? { whose: kind.whose, field, pairs: 0, read: false };
          if (use.read || use.pairs >= PAIRS) continue;
          twin.set(key);
          twin[word] = number + kind.shift;
          canonical.set(twin);
          model.canonize(canonical);
          if (visited.find(canonical) < 0) continue;
          uses.set(name, use);
          use.pairs++;
          const place = { kind, word, fields };
          use.read = answersAt(model.source, key, place) !== answersAt(model.source, twin, place);
        }
      }
    }
  }
  return [...uses.values()];
}

/** Names of fields that always change together; mostly one name. */
type Together = readonly string[];

interface Twin {
  readonly fields: Together;
  /** The content that differs from this one in those fields alone. */
  readonly number: number;
}

function twinsOf(kind: ComponentFields): Map<number, Twin[]> {
  const { size, fieldsOf } = kind;
  const twins = new Map<number, Twin[]>();
  const last = new Map<string, number>();
  const all = togetherIn(kind);
  for (let number = 0; number < size(); number++) {
    const content = fieldsOf(number);
    for (const fields of all) {
      if (!fields.some((field) => content.has(field))) continue;
      const rest = `${fields}:${without(content, fields)}`;
      const twin = last.get(rest);
      last.set(rest, number);
      if (twin === undefined) continue;
      twins.set(number, [...(twins.get(number) ?? []), { fields, number: twin }]);
    }
  }
  return twins;
}

/** The fields by what changes together: each tells the others in every content there is. */
function togetherIn({ size, fieldsOf }: ComponentFields): Together[] {
  const contents = Array.from({ length: size() }, (_, number) => fieldsOf(number));
  const names = new Set(contents.flatMap((fields) => [...fields.keys()]));
  const byPattern = new Map<string, string[]>();
  for (const name of names) {
    // Values numbered as they first come: fields that tell each other have the same numbers.
    const numbers = new Map<string | undefined, number>();
    const pattern = contents.map((fields) => {
      const value = fields.get(name);
      const number = numbers.get(value) ?? numbers.size;
      numbers.set(value, number);
      return number;
    });
    const key = pattern.join();
    byPattern.set(key, [...(byPattern.get(key) ?? []), name]);
  }
  return [...byPattern.values()];
}

/** All fields but some. */
function without(fields: Fields, some: Together): string {
  let text = '';
  for (const [name, content] of fields) if (!some.includes(name)) text += `${name}=${content}|`;
  return text;
}

interface Place {
  readonly kind: ComponentFields;
  readonly word: number;
  readonly fields: Together;
}

/** All answers in a state, and where its moves lead apart from the fields in question. */
function answersAt(model: HostModel, key: Int32Array, { kind, word, fields }: Place): string {
  const next = new Int32Array(key.length);
  model.load(key);
  let text = '';
  for (let move = 0; move < model.moves; move++) {
    const tried = model.take(move);
    const { refusal, facts } = (tried === ABSENT ? undefined : model.decision()) ?? {};
    text += `;${tried},${refusal?.rule},${refusal?.message},${facts?.rc},${facts?.poll}`;
    if (tried !== MOVED) continue;
    model.encode(next);
    model.takeBack();
    const number = next[word] - kind.shift;
    next[word] = 0;
    text += `,${number < 0 ? '' : without(kind.fieldsOf(number), fields)},${next.join()}`;
  }
  return text;
}
