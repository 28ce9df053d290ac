/**
 * What `npm run bench:profile` can look into: each subject warmed up, and the run that is then counted.
 *
 * Invariant: what is counted is what was warmed up, on hosts as full as in the benches. Trade-off: the
 * run of a fleet is begun and ended inside the window, so a short one shows that too.
 */
import { runFleet } from '../scenarios/engine/fleet-run.js';
import { type ChurnPlatform, churnFleet, churnRequests } from './engine/churn.js';
import { prepareInPlace } from './hot-path/launches.js';

export interface ProfileSubject {
  readonly name: string;
  /** What one repeat is. */
  readonly unit: string;
  /** Repeats counted unless asked otherwise; up to two minutes of stepping. */
  readonly repeats: number;
  /** Compiles it, and gives the run of so many repeats. */
  readonly prepare: (repeats: number) => Promise<() => void>;
}

const SEED = 20221031;
/** After so many V8 has compiled what it will. */
const LIVES_BEFORE = 100_000;
const REQUESTS_BEFORE = 30_000;

export const PROFILE_SUBJECTS: readonly ProfileSubject[] = [
  { name: 'launch', unit: 'launch + terminate', repeats: 160, prepare: prepareLaunch },
  churn('vm', 400),
  churn('qingtian', 150),
  churn('nitro', 20),
];

function prepareLaunch(lives: number): Promise<() => void> {
  const { run, batch } = prepareInPlace();
  const live = (times: number) => {
    for (let done = 0; done < times; done += batch) run();
  };
  live(LIVES_BEFORE);
  return Promise.resolve(() => live(lives));
}

function churn(name: ChurnPlatform, repeats: number): ProfileSubject {
  return { name, unit: 'request of the churn', repeats, prepare: (n) => prepareChurn(name, n) };
}

async function prepareChurn(platform: ChurnPlatform, requests: number): Promise<() => void> {
  const fleetOf = (count: number) => churnFleet(platform, churnRequests(count, SEED), false);
  for (let round = 0; round < 3; round++) runFleet(await fleetOf(REQUESTS_BEFORE));
  const counted = await fleetOf(requests);
  return () => void runFleet(counted);
}
