/**
 * Words that expectations name and only platforms know: rules, published codes, stages.
 *
 * Invariant: only texts where an expectation may have them; what is malformed there is the schema's to
 * tell. Whether there is such a rule is asked later (run/unknown-ids), when platforms are loaded.
 */
import type { Path } from './path.js';
import { listOf, textOf, under } from './plain.js';

export interface ExpectedId {
  readonly path: Path;
  readonly kind: 'rule' | 'code' | 'stage';
  readonly id: string;
  /** The platform that its expectation is for; absent = all that the scenario runs on. */
  readonly on?: string;
}

const OUTCOMES = ['is', 'reservation'];
const KINDS = ['rule', 'code', 'stage'] as const;

/** In the order of the file. */
export function expectedIds(scenario: unknown): ExpectedId[] {
  return listOf(under(scenario, 'expect')).flatMap((entry, index) => {
    const on = textOf(under(entry, 'on'));
    const only = on === undefined ? {} : { on };
    return OUTCOMES.flatMap((key) =>
      KINDS.flatMap((kind) => {
        const id = textOf(under(under(entry, key), kind));
        return id === undefined ? [] : [{ path: ['expect', index, key, kind], kind, id, ...only }];
      }),
    );
  });
}
