/**
 * How a fleet run drives one parent: prepare it, launch on it, end what runs there.
 *
 * Where the platform's surface launches at once, one decision does it; elsewhere the programs of the
 * surface run step by step, as Nitro's command line does. Invariant: every change goes through `decide` and `apply` of the host's own profile; a
 * carrier adds no rule and waives none. Trade-off: a tool's processes are state beside the
 * tree, so a carrier serves one parent.
 */
import type { EnclaveImage } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { runProgram } from '../../core/host/program.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import type { AtOnce, Launched, Surface } from '../run/surface.js';
import type { ReservationInput } from '../schema/scenario.js';

/** What a launch or an end came to: a decision, or as much of one as a program of many leaves. */
export interface Carried {
  readonly facts: { readonly uid?: number | undefined };
  readonly refusal?: Refusal | undefined;
  /** What changed, where one decision did it all; absent = look at the host again. */
  readonly effects?: readonly Effect[];
}

export interface Carrier {
  /** Makes a parent that has just booted ready; the refusal of its reservation, if any. */
  readonly prepare: (host: Host) => Refusal | undefined;
  /**
   * Reserves anew on a parent that runs; its refusal, if any. What was granted is what later boots
   * prepare; after a refusal they prepare what was granted before.
   */
  readonly reserve: (host: Host, reservation: ReservationInput) => Refusal | undefined;
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

/** A carrier for one parent. Without a reservation nothing is reserved. */
export function newCarrier(
  newSurface: () => Surface,
  reservation: ReservationInput | undefined,
): Carrier {
  const surface = newSurface();
  let granted = reservation;
  const reserve = (now: Host, wanted: ReservationInput) => {
    const outcome = runProgram(now, surface.reserve(now, wanted));
    if (!outcome.ok) return outcome.refusal;
    granted = wanted;
    return undefined;
  };
  const prepare = (now: Host) => (granted === undefined ? undefined : reserve(now, granted));
  return surface.atOnce === undefined
    ? { prepare, reserve, ...byPrograms(surface) }
    : { prepare, reserve, ...atOnceCarrier(surface.atOnce) };
}

function atOnceCarrier({ launch, end }: AtOnce): Pick<Carrier, 'launch' | 'end'> {
  return { launch: (host, ask, on) => launch(host, ask, IMAGE, on), end };
}

function byPrograms(surface: Surface): Pick<Carrier, 'launch' | 'end'> {
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
      if (!outcome.ok) return { facts: {}, refusal: outcome.refusal };
      running.set(outcome.uid, outcome);
      return { facts: { uid: outcome.uid } };
    },
    end(host, uid, crash) {
      const launched = running.get(uid);
      if (launched === undefined) throw new Error(`nothing of uid ${uid} was launched here`);
      running.delete(uid);
      const program = crash ? surface.crash(host, launched) : surface.terminate(host, launched);
      return { facts: {}, refusal: runProgram(host, program)?.refusal };
    },
  };
}
