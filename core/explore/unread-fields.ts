/**
 * Fields of the state that nothing reads: they would only pad a scope.
 *
 * A field is read when two states that the search met, and that differ in it alone, are told apart
 * by some move's answer or by where the move leads outside that field. Invariant: a field counts as
 * read only on such evidence; where no two states differ in it alone, it follows from the rest and
 * multiplies nothing. Trade-off: at most `PAIRS` pairs a field are compared, out of `STATES` states
 * taken from all over the search, so a field may be called unread that a rarer pair would show; and
 * two fields that always change together are not seen.
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
        for (const { field, number } of twins.get(key[word] - kind.shift) ?? []) {
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
          const place = { kind, word, field };
          use.read = answersAt(model.source, key, place) !== answersAt(model.source, twin, place);
        }
      }
    }
  }
  return [...uses.values()];
}

interface Twin {
  readonly field: string;
  /** The content that differs from this one in the field alone. */
  readonly number: number;
}

function twinsOf({ size, fieldsOf }: ComponentFields): Map<number, Twin[]> {
  const twins = new Map<number, Twin[]>();
  const last = new Map<string, number>();
  for (let number = 0; number < size(); number++) {
    for (const field of fieldsOf(number).keys()) {
      const rest = `${field}:${without(fieldsOf(number), field)}`;
      const twin = last.get(rest);
      last.set(rest, number);
      if (twin === undefined) continue;
      twins.set(number, [...(twins.get(number) ?? []), { field, number: twin }]);
    }
  }
  return twins;
}

/** All fields but one. */
function without(fields: Fields, field: string): string {
  let text = '';
  for (const [name, content] of fields) if (name !== field) text += `${name}=${content}|`;
  return text;
}

interface Place {
  readonly kind: ComponentFields;
  readonly word: number;
  readonly field: string;
}

/** All answers in a state, and where its moves lead apart from the field in question. */
function answersAt(model: HostModel, key: Int32Array, { kind, word, field }: Place): string {
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
    text += `,${number < 0 ? '' : without(kind.fieldsOf(number), field)},${next.join()}`;
  }
  return text;
}
