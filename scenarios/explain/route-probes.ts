/** Ways an enclave cannot be reached or reach others, one per rule. Invariant: each is refused. */
import type { Command } from '../../core/host/command.js';
import type { HostDescription } from '../../core/host/describe.js';
import type { Endpoint, RouteQuestion } from '../../core/trust/route.js';
import { ONE_RUNS } from './nitro-probes.js';

export interface RouteProbe {
  readonly on: HostDescription;
  readonly after: readonly Command[];
  readonly ask: RouteQuestion;
}

const KMS: Endpoint = { address: 'kms.eu-west-1.amazonaws.com', port: 443 };

const probe = (ask: Partial<RouteQuestion>): RouteProbe => ({
  ...ONE_RUNS,
  ask: { from: { enclave: 1 }, to: KMS, by: 'parent', allowlist: [], ...ask },
});

export const ROUTE_PROBES: readonly RouteProbe[] = [
  probe({ from: { enclave: 2 }, to: 'parent', by: 'direct' }),
  probe({ by: 'direct' }),
  probe({}),
];
