/**
 * How a fleet run drives a parent of each platform: prepare it, launch on it, end what runs there.
 *
 * QingTian starts in one decision, plain VMs in one step, Nitro through its own command line
 * programs. Invariant: every change goes through `decide` and `apply` of the host's own profile; a
 * carrier adds no rule and waives none. Trade-off: Nitro's processes are state beside the tree, so
 * a carrier serves one parent.
 */
import type { EnclaveImage } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { runProgram } from '../../core/host/program.js';
import { runInPlace } from '../../core/host/step.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import type { Launched, Surface } from '../run/surface.js';
import type { ReservationInput } from '../schema/scenario.js';

/** What a launch came to: a uid, or a refusal. */
export interface Carried {
  readonly uid?: number;
  readonly refusal?: Refusal;
  /** What changed, where one decision did it all; absent = look at the host again. */
  readonly effects?: readonly Effect[];
}

export interface Carrier {
  /** Makes a parent that has just booted ready; the refusal of its reservation, if any. */
  readonly prepare: (host: Host) => Refusal | undefined;
  /** `on`: positions of nodes; absent = as the parent likes. */
  readonly launch: (host: Host, ask: FleetAsk, on: readonly number[] | undefined) => Carried;
  readonly end: (host: Host, uid: number, crash: boolean) => Carried;
}

/** About what the smallest public sample image measures. */
const IMAGE: EnclaveImage = {
  bytes: 5 * 1024 * 1024,
  sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
  os: 'linux',
  kind: 'eif',
};
/** QingTian's lowest CID: uids count from 0 and never come again, so uid + 4 is free. */
const LOWEST_CID = 4;
const NOTHING_DEFAULTED: readonly string[] = [];

/** A carrier for one parent. Without a reservation nothing is reserved. */
export function newCarrier(
  host: Host,
  newSurface: () => Surface,
  reservation: ReservationInput | undefined,
): Carrier {
  const surface = newSurface();
  const prepare = (now: Host) => {
    if (reservation === undefined) return undefined;
    const outcome = runProgram(now, surface.reserve(now, reservation));
    return outcome.ok ? undefined : outcome.refusal;
  };
  switch (host.profile.platform) {
    case 'vm':
      return { prepare, launch: launchVm, end: endVm };
    case 'qingtian':
      return { prepare, launch: launchQingtian, end: endQingtian };
    case 'nitro':
      return { prepare, ...surfaceCarrier(surface) };
  }
}

function launchVm(host: Host, ask: FleetAsk, positions: readonly number[] | undefined): Carried {
  const { vcpus, memoryMib, nodes, blind } = ask;
  const { nodes: installed } = host.topology;
  // A position that is not there is passed on as it is, for the host to refuse.
  const on = positions?.map((position) => installed[position]?.id ?? -1);
  const decision = runInPlace(host, {
    kind: 'vm.launch',
    vcpus,
    memoryMib,
    nodes,
    blind,
    ...(on === undefined ? {} : { on }),
  });
  return { uid: decision.facts.uid, refusal: decision.refusal, effects: decision.effects };
}

function endVm(host: Host, uid: number, crash: boolean): Carried {
  return runInPlace(host, { kind: crash ? 'vm.crash' : 'vm.terminate', uid });
}

function launchQingtian(host: Host, { vcpus, memoryMib }: FleetAsk): Carried {
  const cid = host.tree.counters.nextSlot + LOWEST_CID;
  const decision = runInPlace(host, {
    kind: 'qingtian.launch',
    request: { image: IMAGE, vcpus, memoryMib, cid, debug: false, defaulted: NOTHING_DEFAULTED },
  });
  return { uid: decision.facts.uid, refusal: decision.refusal, effects: decision.effects };
}

function endQingtian(host: Host, uid: number, crash: boolean): Carried {
  return runInPlace(host, { kind: crash ? 'qingtian.crash' : 'qingtian.stop', uid });
}

function surfaceCarrier(surface: Surface): Pick<Carrier, 'launch' | 'end'> {
  const running = new Map<number, Launched>();
  return {
    launch(host, { vcpus, memoryMib }) {
      const ask = {
        name: 'request',
        image: IMAGE,
        vcpus,
        memoryMib,
        debug: false,
        heartbeat: true,
        together: false,
      };
      const outcome = runProgram(host, surface.launch(host, ask));
      if (!outcome.ok) return { refusal: outcome.refusal };
      running.set(outcome.uid, outcome);
      return { uid: outcome.uid };
    },
    end(host, uid, crash) {
      const launched = running.get(uid);
      if (launched === undefined) throw new Error(`nothing of uid ${uid} was launched here`);
      running.delete(uid);
      const program = crash ? surface.crash(host, launched) : surface.terminate(host, launched);
      return { refusal: runProgram(host, program)?.refusal };
    },
  };
}
