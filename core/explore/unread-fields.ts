/**
 * Fields of enclave records that nothing reads: state that would only pad a scope.
 *
 * A field is read when two states that differ in it alone are told apart by some move's answer, by
 * where the move leads outside that field, or by an invariant. Invariant: a field counts as read
 * only on such evidence, taken from records that the search really met. Trade-off: at most `PAIRS`
 * pairs a field are compared, so a field may be called unread that a rarer pair would show.
 */
import type { Enclave } from '../host/tree.js';
import { checkInvariants } from '../invariants/check.js';
import { canonicalJson } from '../journal/codec.js';
import type { HostModel } from './host-model.js';
import { MOVED } from './model.js';
import type { Search } from './search.js';
import { textOfEnclave } from './view.js';

const PAIRS = 300;
/** States are sampled all over the search: by this prime, around. */
const STRIDE = 7919;
/** Books that must agree with a store, the pool or each other: the invariants compare them. */
const MIRRORED: ReadonlySet<keyof Enclave> = new Set(['extents', 'cores', 'regions', 'donated']);

export interface FieldUse {
  readonly field: keyof Enclave;
  /** Pairs of states that differ in the field alone; 0 = it never varies by itself. */
  readonly pairs: number;
  readonly read: boolean;
}

/** How each field that varies by itself in a finished search is used. */
export function fieldUses(model: HostModel, { visited }: Search): FieldUse[] {
  const { layout } = model.keys;
  const uses = new Map<keyof Enclave, { pairs: number; read: boolean }>();
  const key = new Int32Array(layout.words);
  const other = new Int32Array(layout.words);
  const twins = twinsOf(model);
  for (let i = 0; i < visited.size; i++) {
    visited.read((i * STRIDE) % visited.size, key);
    for (let word = layout.firstPlace; word < layout.mappings; word++) {
      for (const [field, number] of twins.get(key[word] - 1) ?? []) {
        const use = uses.get(field) ?? { pairs: 0, read: false };
        uses.set(field, use);
        if (use.read || use.pairs >= PAIRS) continue;
        other.set(key);
        other[word] = number + 1;
        use.pairs++;
        use.read = answersAt(model, key, word) !== answersAt(model, other, word);
      }
    }
  }
  return [...uses].map(([field, use]) => ({ field, ...use }));
}

/** Record number → records that differ from it in one field, with that field. */
function twinsOf({ keys }: HostModel): Map<number, [keyof Enclave, number][]> {
  const { enclaves } = keys.registers;
  const twins = new Map<number, [keyof Enclave, number][]>();
  const fields = enclaves.size === 0 ? [] : (Object.keys(enclaves.part(0)) as (keyof Enclave)[]);
  for (const field of fields) {
    if (MIRRORED.has(field)) continue;
    const byRest = new Map<string, number>();
    for (let number = 0; number < enclaves.size; number++) {
      const { [field]: _, ...rest } = enclaves.part(number);
      const text = canonicalJson(rest);
      const twin = byRest.get(text);
      byRest.set(text, number);
      if (twin === undefined || sameText(enclaves.part(twin), enclaves.part(number))) continue;
      twins.set(number, [...(twins.get(number) ?? []), [field, twin]]);
    }
  }
  return twins;
}

function sameText(a: Enclave, b: Enclave): boolean {
  return textOfEnclave(a, a.cid) === textOfEnclave(b, b.cid);
}

/** All answers in a state, and where its moves lead apart from the place at `word`. */
function answersAt(model: HostModel, key: Int32Array, word: number): string {
  const next = new Int32Array(key.length);
  model.load(key);
  let text = canonicalJson(checkInvariants(model.host).map(({ invariant }) => invariant));
  for (let move = 0; move < model.moves; move++) {
    const tried = model.take(move);
    const decision = model.decision();
    text += `;${tried},${decision?.refusal?.rule},${decision?.facts.rc},${decision?.facts.poll}`;
    if (tried !== MOVED) continue;
    model.encode(next);
    model.takeBack();
    const gone = next[word] === 0;
    next[word] = 0;
    text += `${gone},${next.join()}`;
  }
  return text;
}
