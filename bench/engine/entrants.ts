/**
 * Who is measured on the churn, and what was asked of each.
 *
 * Invariant: names are those that `--only` takes. Trade-off: the hand loop is an entrant like any
 * other, though nothing is asked of it.
 */
import type { ChurnPlatform } from './churn.js';

export interface Entrant {
  readonly name: string;
  /** Absent = the bare hand loop. */
  readonly platform?: ChurnPlatform;
  readonly audit: boolean;
  /** Thousand events/s asked for. */
  readonly asked?: number;
}

export const ENTRANTS: readonly Entrant[] = [
  { name: 'bare hand loop', audit: false },
  { name: 'vm', platform: 'vm', audit: false, asked: 1000 },
  { name: 'vm, audited', platform: 'vm', audit: true, asked: 150 },
  { name: 'qingtian', platform: 'qingtian', audit: false, asked: 600 },
  { name: 'qingtian, audited', platform: 'qingtian', audit: true, asked: 150 },
  { name: 'nitro-cli', platform: 'nitro', audit: false, asked: 100 },
];

/** One round of an entrant. */
export interface Round {
  readonly events: number;
  readonly refused: number;
  readonly hash: string;
  /** Of CPU, all threads of the process together. */
  readonly seconds: number;
}
