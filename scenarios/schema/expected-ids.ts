/**
 * Ids that expectations name: rules and published codes.
 *
 * Invariant: only texts where an expectation may have them; what is malformed there is the schema's to
 * tell. Whether there is such a rule is asked later (run/unknown-ids), when platforms are loaded.
 */
import type { Path } from './path.js';
import { listOf, textOf, under } from './plain.js';

export interface ExpectedId {
  readonly path: Path;
  readonly kind: 'rule' | 'code';
  readonly id: string;
}

const OUTCOMES = ['is', 'reservation'];

/** In the order of the file. */
export function expectedIds(scenario: unknown): ExpectedId[] {
  return listOf(under(scenario, 'expect')).flatMap((entry, index) =>
    OUTCOMES.flatMap((key) =>
      (['rule', 'code'] as const).flatMap((kind) => {
        const id = textOf(under(under(entry, key), kind));
        return id === undefined ? [] : [{ path: ['expect', index, key, kind], kind, id }];
      }),
    ),
  );
}
