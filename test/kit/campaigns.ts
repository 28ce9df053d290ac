/**
 * The platforms with their small host and their random commands, for tests that hold on all of them.
 *
 * Invariant: a campaign's host is built afresh for each sequence. Trade-off: Nitro's small host has
 * pages of 2 and 64 MiB, so that a few pages reach the driver's minimum without filling a node.
 */
import type fc from 'fast-check';
import type { Host } from '../../core/host/host.js';
import { nitroHost, qingtianHost, vmHost } from './hosts.js';
import { type Intent, intents, type Resolve, type Weights } from './intents.js';
import { NITRO_WEIGHTS, nitroCommand, WILD_WEIGHTS } from './nitro-commands.js';
import { QINGTIAN_WEIGHTS, qingtianCommand } from './qingtian-commands.js';
import { VM_WEIGHTS, vmCommand } from './vm-commands.js';

export interface Campaign {
  readonly name: string;
  readonly host: () => Host;
  readonly intents: (length: number) => fc.Arbitrary<Intent<string>[]>;
  readonly resolve: Resolve<string>;
}

const SMALL_PAGES = { pageSizesKib: [2048, 65_536] } as const;

export const QINGTIAN_CAMPAIGN = campaign(
  'qingtian',
  () => qingtianHost(),
  QINGTIAN_WEIGHTS,
  qingtianCommand,
);
export const NITRO_CAMPAIGN = campaign(
  'nitro',
  () => nitroHost(SMALL_PAGES),
  NITRO_WEIGHTS,
  nitroCommand,
);
/** Nitro with hotplug, unbinding and failing closes: where its named quirks show. */
export const WILD_CAMPAIGN = campaign(
  'nitro-wild',
  () => nitroHost(SMALL_PAGES),
  WILD_WEIGHTS,
  nitroCommand,
);
export const VM_CAMPAIGN = campaign('vm', () => vmHost(), VM_WEIGHTS, vmCommand);

export const CAMPAIGNS: readonly Campaign[] = [
  QINGTIAN_CAMPAIGN,
  NITRO_CAMPAIGN,
  WILD_CAMPAIGN,
  VM_CAMPAIGN,
];

function campaign<Choice extends string>(
  name: string,
  host: () => Host,
  weights: Weights<Choice>,
  resolve: Resolve<Choice>,
): Campaign {
  return {
    name,
    host,
    intents: (length) => intents(weights, length),
    // The intents of a campaign come from its own weights, so their choices are of its own type.
    resolve: (at, intent) => resolve(at, intent as Intent<Choice>),
  };
}
