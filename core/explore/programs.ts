/**
 * Programs: what a move does, as lists of effects and parts of a parent's end, in order.
 *
 * Equal programs have equal numbers; number 0 does nothing. Invariant: an item ≥ 0 is the number of a
 * list (`effect-lists`), an item below it is -1 - the number of a part (`parent-parts`). Trade-off: a
 * program is kept for ever; there are as few as there are different sequences of lists.
 */
import type { Effect } from '../host/effect.js';
import { createComponents } from './components.js';
import type { EffectLists } from './effect-lists.js';
import type { ParentParts } from './parent-parts.js';

export class Programs {
  private readonly lists: EffectLists;
  private readonly parts: ParentParts;
  private readonly programs = createComponents<readonly number[]>();

  constructor(lists: EffectLists, parts: ParentParts) {
    this.lists = lists;
    this.parts = parts;
    this.programs.numberOf('', () => []);
  }

  /** Items of a program. */
  itemsOf(number: number): readonly number[] {
    return this.programs.part(number);
  }

  /** The number of the program of effects and tokens. Throws for tokens alone. */
  numberOf(effects: readonly Effect[]): number {
    const program: number[] = [];
    let own: Effect[] = [];
    const close = () => {
      if (own.length > 0) program.push(this.lists.numberOf(own));
      own = [];
    };
    for (const effect of effects) {
      const part = this.parts.partOf(effect);
      if (part === undefined) own.push(effect);
      else {
        close();
        program.push(-1 - part);
      }
    }
    close();
    if (program.every((item) => item < 0)) throw new Error('a step of parts alone');
    return this.programs.numberOf(program.join(), () => program);
  }
}
