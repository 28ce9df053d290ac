/**
 * The process of one entrant: draws the churn once, then answers each message with one round of it.
 *
 * Invariant: one entrant per process, so that its code is compiled for it alone, as in a run of the
 * program. Trade-off: the process stays between rounds, so that each is measured warm and rounds of
 * all entrants can alternate. Arguments: name, requests, seed.
 */

import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { churnFleet, churnRequests } from './churn.js';
import { ENTRANTS, type Entrant, type Round } from './entrants.js';
import { handLoop } from './hand-loop.js';

const [, , name = '', requests = '', seed = ''] = process.argv;
const entrant = ENTRANTS.find((one) => one.name === name);
if (entrant === undefined) throw new Error(`no entrant "${name}"`);
const drawn = churnRequests(Number(requests), Number(seed));

process.on('message', () => {
  void take(entrant).then((round) => process.send?.(round));
});

async function take({ platform, audit }: Entrant): Promise<Round> {
  if (platform === undefined) return timed(bare);
  const input = await churnFleet(platform, drawn, audit);
  return timed(() => {
    const { accepted, ended, refused, violations, resultHash } = runFleet(input);
    if (violations.count > 0) throw new Error(violations.first.join('\n'));
    return { events: accepted + ended, refused, hash: resultHash };
  });
}

function bare(): Omit<Round, 'seconds'> {
  const events = handLoop(drawn);
  return { events, refused: drawn.length - events / 2, hash: String(events) };
}

function timed(run: () => Omit<Round, 'seconds'>): Round {
  const started = process.cpuUsage();
  const came = run();
  const { user, system } = process.cpuUsage(started);
  return { ...came, seconds: (user + system) / 1e6 };
}
