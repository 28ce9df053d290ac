/** Views of small fleets for tests of policies: counts written out by hand. */
import type { FleetAsk, FleetProposal, NarrowedView } from '../../core/placement/fleet-view.js';

/** [free threads, free MiB, whole GiB runs] by node, by parent. */
export type Free = readonly (readonly (readonly [number, number, number])[])[];

export function viewOf(free: Free, given: Partial<NarrowedView> = {}): NarrowedView {
  const places = free.flat();
  const starts = free.map((_, h) => free.slice(0, h).flat().length);
  return {
    hosts: free.length,
    firstNode: Int32Array.from([...starts, places.length]),
    freeThreads: Int32Array.from(places, ([threads]) => threads),
    poolThreads: Int32Array.from(places, ([threads]) => threads + 1),
    freeMib: Int32Array.from(places, ([, mib]) => mib),
    pageKib: new Int32Array(places.length),
    closed: new Uint8Array(free.length),
    running: new Int32Array(free.length),
    lastEnd: new Float64Array(free.length),
    wholeGib: (place) => places[place]?.[2] ?? 0,
    ...given,
  };
}

export const ASK: FleetAsk = { vcpus: 2, memoryMib: 512, nodes: 1, blind: false, end: 1000 };

export const one = (mib: number, threads = 8, whole = 0) => [[threads, mib, whole] as const];

export function take(host: number, ...nodes: number[]): FleetProposal {
  return { host, nodes: nodes.length === 0 ? [0] : nodes };
}
