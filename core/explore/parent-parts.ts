/**
 * The end of a parent, part by part: what a stop does is the same walk over the same parts, whatever
 * the parts do.
 *
 * A stop, a crash or a termination looks at the whole host, so that as a whole it is another one in
 * almost every state; each of its parts (the end of one enclave, of the tasks, the return of CPUs, of
 * a node's pages, of the reservation) looks at little. The platform's own step is built once more
 * with parts that answer with a token; what it does with tokens is remembered by what it reads itself.
 * Invariant: a token that is looked into throws, so a step cannot depend on what a part answers; what
 * a part answers comes from the platform's own function. Trade-off: only steps that `parentSteps`
 * made have parts; a wrapped step (a planted fault) is taken as a whole.
 */

import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { endsOf, type ParentEnds, parentSteps } from '../host/parent-steps.js';
import { theRecord } from '../host/records.js';
import { POOL_PARTS } from '../host/return-pool.js';
import type { Steps } from '../platform/profile.js';
import type { Layout } from './host-keys.js';

/** A part; `ask` gives its effects in a host. */
export interface Part {
  /** The place whose enclave it ends; -1 = it ends none. */
  readonly place: number;
  readonly ask: (host: Host) => readonly Effect[];
}

export interface ParentParts {
  readonly parts: readonly Part[];
  /** The host with steps that answer tokens for parts. */
  faceWithTokens(face: Host): Host;
  /** The part of a token; undefined for an effect. */
  partOf(effect: Effect): number | undefined;
}

const KINDS = ['parent.stop', 'parent.crash', 'parent.terminate'] as const;

export function createParentParts({ profile, hypervisor }: Host, layout: Layout): ParentParts {
  const ends = KINDS.map((kind) => endsOf(profile.steps[kind]));
  const [first] = ends;
  if (first === undefined || ends.some((one) => one !== first)) {
    return { parts: [], faceWithTokens: (face) => face, partOf: () => undefined };
  }
  const parts: Part[] = [];
  const numbers = new Map<Effect, number>();
  const tokenFor = (place: number, ask: Part['ask']): readonly Effect[] => {
    const token = createToken();
    numbers.set(token, parts.length);
    parts.push({ place, ask });
    return [token];
  };
  const steps = parentSteps(tokenEnds(first, layout, hypervisor.firstSlot, tokenFor));
  const tokenSteps: Steps = {
    ...profile.steps,
    ...Object.fromEntries(KINDS.map((kind) => [kind, steps[kind]])),
  };
  return {
    parts,
    faceWithTokens: (face) => ({ ...face, profile: { ...profile, steps: tokenSteps } }),
    partOf: (effect) => numbers.get(effect),
  };
}

function tokenEnds(
  ends: ParentEnds,
  { places, nodes }: Layout,
  firstSlot: number,
  tokenFor: (place: number, ask: Part['ask']) => readonly Effect[],
): ParentEnds {
  const enclaves = Array.from({ length: places }, (_, place) =>
    tokenFor(place, (host) => ends.endEnclave(host, theRecord(host.tree, firstSlot + place))),
  );
  const { endTasks, pool = POOL_PARTS } = ends;
  const tasks = endTasks === undefined ? [] : tokenFor(-1, endTasks);
  const cpus = tokenFor(-1, pool.cpus);
  const reservation = tokenFor(-1, pool.reservation);
  const pages = Array.from({ length: nodes }, (_, node) =>
    tokenFor(-1, (host) => pool.pages(host, node)),
  );
  return {
    ...ends,
    endEnclave: (_host, { uid }) => enclaves[uid - firstSlot],
    endTasks: () => tasks,
    pool: { cpus: () => cpus, pages: (_host, node) => pages[node], reservation: () => reservation },
  };
}

/** Stands for the effects of a part; whoever looks into it has broken the rule of this file. */
function createToken(): Effect {
  const looked = (): never => {
    throw new Error('a step looked into what a part of it answered');
  };
  const traps = { get: looked, has: looked, ownKeys: looked, getOwnPropertyDescriptor: looked };
  return new Proxy({}, traps) as Effect;
}
