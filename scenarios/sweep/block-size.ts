/**
 * How many seeds make a task worth about two seconds, from the sweep and what it names alone.
 *
 * A measured time would make the blocks, and with a stop rule the tables, depend on the machine; so
 * the size comes from declared rates. Invariant: depends on the plan's inputs only; from 1 up.
 * Trade-off: a machine several times slower or faster gets tasks of 0.5 to 8 s; `seeds.block` in the
 * file says it exactly.
 */
import type { PlatformId } from '../../core/platform/profile.js';
import type { ReadyVariant } from './load-sweep.js';
import { parentSeconds } from './parent-cost.js';
import type { SweepFile } from './schema.js';

const TASK_SECONDS = 2;
/**
 * Requests a second and core, rounded down from what a small cloud core does once it is warm, on 2 to 100
 * parents; Nitro's at a time when much else ran: 16 to 61 thousand.
 */
const RATES: Readonly<Record<PlatformId, number>> = {
  vm: 150_000,
  qingtian: 60_000,
  nitro: 30_000,
};
/** A stop rule is asked after each block: with few blocks it would stop late. */
const ROUNDS_WITH_STOP_RULE = 8;

export function blockSize({ seeds }: SweepFile, variants: readonly ReadyVariant[]): number {
  const secondsOf = ({ fleet, requests }: ReadyVariant): number => {
    const family = fleet.platform.replace(/@.*/, '') as PlatformId;
    return requests / RATES[family] + parentSeconds(fleet, family);
  };
  const longest = variants.reduce((most, variant) => Math.max(most, secondsOf(variant)), 0);
  const byTime = Math.max(1, Math.round(TASK_SECONDS / longest));
  if (!('until' in seeds)) return byTime;
  return Math.min(byTime, Math.max(1, Math.ceil(seeds.until.most / ROUNDS_WITH_STOP_RULE)));
}
