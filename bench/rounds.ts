/**
 * Turns of those who are compared.
 *
 * Invariant: in every round each takes one turn, and whoever began one round comes last in the next, so that a
 * slow moment of the machine, or a neighbour that heats it, meets all alike. Rounds below 0 warm up and
 * are not counted. Trade-off: one turn at a time; what takes long takes as many turns as the others,
 * unless it leaves some out by itself.
 */

export interface Rounds {
  readonly warmUps: number;
  readonly counted: number;
}

/** `turn` is told the round: negative while warming up. */
export async function takeTurns<One>(
  all: readonly One[],
  { warmUps, counted }: Rounds,
  turn: (one: One, round: number) => Promise<void>,
): Promise<void> {
  for (let round = -warmUps; round < counted; round++) {
    for (const place of all.keys()) await turn(all[(place + round + warmUps) % all.length], round);
  }
}
