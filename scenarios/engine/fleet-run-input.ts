/**
 * What a fleet run is given: prepared parents, the demand, the rules for both.
 *
 * Invariant: everything in it is ready, nothing is read or built during the run but the requests, one at
 * a time. Trade-off: the hosts are live, so an input serves one run.
 */
import type { Host } from '../../core/host/host.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import type { Carrier } from './carrier.js';
import type { FleetRequest, OnRefusal, ParentEvent } from './request.js';
import type { Warmup } from './warm-up.js';

export interface FleetRunInput {
  /** Parents in host order, prepared (reservations made) and each with its own carrier. */
  readonly hosts: readonly Host[];
  readonly carriers: readonly Carrier[];
  /** By ascending time. */
  readonly requests: Iterable<FleetRequest>;
  /** Any but a shipped one is guarded: what it does wrong is a PolicyFault. */
  readonly policy: FleetPolicy;
  readonly onRefusal?: OnRefusal;
  readonly parentEvents?: readonly ParentEvent[];
  /** Requests may span the nodes of a parent as they like. */
  readonly blind?: boolean;
  readonly audit?: boolean;
  /** Asks that are told apart from those that the result counts. */
  readonly warmup?: Warmup | undefined;
}
