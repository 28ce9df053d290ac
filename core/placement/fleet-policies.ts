/**
 * The placement policies for fleets: one scan over the parents, and a cost each.
 *
 * A policy differs from another only by the cost of a candidate, and by a second one that settles equal
 * costs; the cheapest wins, the first of equals.
 * Invariant: each proposes exactly when some open parent's counts fit the ask. To a blind ask, which may
 * lie on any nodes, each parent is one node with the counts of all of them, so that each policy compares
 * parents by what it compares nodes by.
 * Trade-off: O(nodes of the fleet) for each ask, but for one that only one parent may take; a request
 * over several nodes takes the cheapest ones of a parent and costs as much as the dearest of them.
 */
import type {
  FleetAsk,
  FleetPolicy,
  FleetProposal,
  FleetView,
  NarrowedView,
} from './fleet-view.js';

/** Cost of one part of `mib` MiB and `threads` threads on a node place of a parent. */
type Cost = (view: FleetView, ask: FleetAsk, host: number, place: number, mib: number) => number;

/** The lowest parent, and there the lowest nodes, that have enough: cost plays no part. */
const first: Cost = () => 0;
/** Least memory left over; then least threads. */
const tight: Cost = (view, ask, _host, place, mib) =>
  (view.freeMib[place] - mib) * THREADS_BELOW + view.freeThreads[place] - ask.vcpus;
/** More threads than a parent has; 2 PiB of MiB still leave room for them in a double. */
const THREADS_BELOW = 2 ** 20;
const loose: Cost = (view, ask, host, place, mib) => -tight(view, ask, host, place, mib);
/**
 * Parents in use first, of these nodes in use, the fullest before others; empty nodes stay whole for
 * large enclaves.
 */
const packed: Cost = (view, _ask, host, place) =>
  (view.running[host] === 0 ? 2 * UNUSED : 0) +
  (view.freeThreads[place] === view.poolThreads[place] ? UNUSED : 0) +
  view.freeThreads[place];
/** More threads than a node has. */
const UNUSED = 2 ** 40;

/**
 * Whole 1 GiB runs that are gone afterwards if all loose memory is used first.
 * A run used up to its end is as gone as one that is broken: no page of 1 GiB can be there.
 * What a parent then takes may be more: it takes one run before several pieces, and so a whole GiB where
 * loose pieces would do, in two to five of ten launches of a mix of 600 MiB to 9 GiB. To ask the store of
 * each parent for the very place, on each ask, left 0.3 to 0.6 % more runs whole there.
 */
const keepsGib: Cost = (view, _ask, _host, place, mib) => {
  const looseMib = view.freeMib[place] - view.wholeGib(place) * 1024;
  return Math.max(0, Math.ceil((mib - looseMib) / 1024));
};

/**
 * What keeps no parent longer than it would stay anyhow comes first, there the nearest end; else the
 * parent that is kept least longer; last an empty one, which is kept for the whole life.
 *
 * This is the score of NILAS (Ling et al., LAVA, MLSys 2025) without its buckets of time, which were no
 * better in our mixes: that an end is near, earlier or later, is not enough, since one long life on a
 * parent of short ones keeps it from ever being empty. Equal ones are told apart by the tightest fit, a
 * cost of its own: added as a fraction it was lost, since a double has 53 bits and both take 72.
 */
const together: Cost = (view, ask, host) => {
  if (view.running[host] === 0) return 2 * LONGER;
  const spare = view.lastEnd[host] - ask.end;
  // Two that never end: NaN.
  if (Number.isNaN(spare)) return 0;
  return (spare < 0 ? LONGER : 0) + Math.min(Math.abs(spare), LONGER - 1);
};
/** Two years in ms: what lasts longer still is all alike. */
const LONGER = 2 ** 36;

export const FLEET_POLICIES: readonly FleetPolicy[] = [
  policy('first-fit', { cost: first, firstWins: true }),
  policy('best-fit', { cost: tight }),
  policy('worst-fit', { cost: loose }),
  policy('node-local-pack', { cost: packed }),
  policy('keep-1g', { cost: keepsGib, thenCost: tight }),
  policy('lifetime-aware', { cost: together, thenCost: tight }),
];

/** The quickest of those that propose exactly when some open parent fits, as all of them do. */
export const ANY_FIT = FLEET_POLICIES[0];

/** The policy of that name, or undefined. */
export function fleetPolicy(name: string): FleetPolicy | undefined {
  return FLEET_POLICIES.find((one) => one.name === name);
}

/** One of those above, and not merely one of the same name. */
export function isShippedPolicy(policy: FleetPolicy): boolean {
  return FLEET_POLICIES.includes(policy);
}

/** How candidates are compared. */
interface Choice {
  readonly cost: Cost;
  /** Settles equal costs. */
  readonly thenCost?: Cost;
  /** Nothing is compared. */
  readonly firstWins?: boolean;
}

function policy(name: string, choice: Choice): FleetPolicy {
  return { name, propose: (view, ask) => cheapest(view, ask, choice) };
}

function cheapest(view: NarrowedView, ask: FleetAsk, choice: Choice): FleetProposal | undefined {
  if (ask.nodes === 1 && !ask.blind) return onOneNode(view, ask, choice);
  const { cost, thenCost = first, firstWins = false } = choice;
  let best: FleetProposal | undefined;
  let least = Number.POSITIVE_INFINITY;
  let thenLeast = Number.POSITIVE_INFINITY;
  const { only } = view;
  const end = only === undefined ? view.hosts : only + 1;
  const mib = ask.blind ? ask.memoryMib : ask.memoryMib / ask.nodes;
  const whole = ask.blind ? wholeParent(view) : undefined;
  const seen = whole?.seen ?? view;
  for (let host = only ?? 0; host < end; host++) {
    if (view.closed[host] === 1) continue;
    const found = whole === undefined ? overNodes(view, ask, host, choice) : whole.fit(ask, host);
    if (found === undefined) continue;
    const price = cost(seen, ask, host, found.dearest, mib);
    if (price > least) continue;
    const thenPrice = thenCost(seen, ask, host, found.dearest, mib);
    if (price === least && thenPrice >= thenLeast) continue;
    best = found.proposal;
    least = price;
    thenLeast = thenPrice;
    if (firstWins) return best;
  }
  return best;
}

/** The cheapest node place that fits, whosever it is: nothing is made for those that are passed over. */
function onOneNode(
  view: NarrowedView,
  ask: FleetAsk,
  { cost, thenCost, firstWins = false }: Choice,
): FleetProposal | undefined {
  const { only, closed, firstNode, freeThreads, freeMib } = view;
  const { vcpus, memoryMib } = ask;
  let best = -1;
  let bestHost = 0;
  let least = Number.POSITIVE_INFINITY;
  let thenLeast = Number.POSITIVE_INFINITY;
  const end = only === undefined ? view.hosts : only + 1;
  for (let host = only ?? 0; host < end; host++) {
    if (closed[host] === 1) continue;
    for (let place = firstNode[host]; place < firstNode[host + 1]; place++) {
      if (freeThreads[place] < vcpus || freeMib[place] < memoryMib) continue;
      if (firstWins) return { host, nodes: [place - firstNode[host]] };
      const price = cost(view, ask, host, place, memoryMib);
      if (price > least || (price === least && thenCost === undefined)) continue;
      if (thenCost !== undefined) {
        const thenPrice = thenCost(view, ask, host, place, memoryMib);
        if (price === least && thenPrice >= thenLeast) continue;
        thenLeast = thenPrice;
      }
      least = price;
      best = place;
      bestHost = host;
    }
  }
  return best < 0 ? undefined : { host: bestHost, nodes: [best - firstNode[bestHost]] };
}

interface Found {
  readonly proposal: FleetProposal;
  readonly dearest: number;
}

function overNodes(
  view: FleetView,
  ask: FleetAsk,
  host: number,
  { cost, thenCost = first }: Choice,
): Found | undefined {
  const vcpus = ask.vcpus / ask.nodes;
  const mib = ask.memoryMib / ask.nodes;
  const base = view.firstNode[host];
  const fitting: { place: number; price: number; thenPrice: number }[] = [];
  for (let place = base; place < view.firstNode[host + 1]; place++) {
    if (view.freeThreads[place] < vcpus || view.freeMib[place] < mib) continue;
    const price = cost(view, ask, host, place, mib);
    fitting.push({ place, price, thenPrice: thenCost(view, ask, host, place, mib) });
  }
  if (fitting.length < ask.nodes) return undefined;
  // Of equals the lower place stays first: the sort is stable.
  fitting.sort((a, b) => a.price - b.price || a.thenPrice - b.thenPrice);
  const chosen = fitting.slice(0, ask.nodes).map(({ place }) => place);
  const dearest = chosen[chosen.length - 1];
  const nodes = chosen.sort((a, b) => a - b).map((place) => place - base);
  return { proposal: { host, nodes }, dearest };
}

/**
 * Parents as a blind ask sees them: `seen` has one node place, 0, with what all nodes together have of the
 * parent that `fit` was asked of last.
 */
function wholeParent(view: FleetView) {
  let [from, end] = [0, 0];
  const freeThreads = new Int32Array(1);
  const poolThreads = new Int32Array(1);
  const freeMib = new Int32Array(1);
  const wholeGib = () => {
    let sum = 0;
    for (let place = from; place < end; place++) sum += view.wholeGib(place);
    return sum;
  };
  const { hosts, firstNode, pageKib, closed, running, lastEnd } = view;
  const beside = { hosts, firstNode, pageKib, closed, running, lastEnd };
  const seen: FleetView = { ...beside, freeThreads, poolThreads, freeMib, wholeGib };
  const fit = ({ vcpus, memoryMib }: FleetAsk, host: number): Found | undefined => {
    [from, end] = [firstNode[host], firstNode[host + 1]];
    freeThreads[0] = poolThreads[0] = freeMib[0] = 0;
    for (let place = from; place < end; place++) {
      freeThreads[0] += view.freeThreads[place];
      poolThreads[0] += view.poolThreads[place];
      freeMib[0] += view.freeMib[place];
    }
    const fits = freeThreads[0] >= vcpus && freeMib[0] >= memoryMib;
    return fits ? { proposal: { host }, dearest: 0 } : undefined;
  };
  return { seen, fit };
}
