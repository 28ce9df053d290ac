/**
 * A host that tells which facets of its state are read: the same live objects behind accessors.
 *
 * Invariant: nothing of the tree or the stores can be read through it without its facet being told
 * first; what is fixed for a host's life (topology, profile, options) is told to nobody. A record
 * copied whole (`{ ...record }`, to be carried in an effect) comes out with its uid alone, so that a
 * copy tells nothing unseen. Trade-off: some 20 ns a read, and the list of records is made anew, so
 * only answers that are then remembered are found this way.
 */
import type { Host } from '../host/host.js';
import { recordOf, theRecord } from '../host/records.js';
import type { Enclave, HostTree } from '../host/tree.js';
import { type Facets, GROUP_OF } from './facets.js';
import { BASE, CPUS, FIRST_NODE, type Layout } from './host-keys.js';
import { watchMemory } from './watched-memory.js';

export interface Watch {
  readonly layout: Layout;
  readonly facets: Facets;
  /** Told of each facet that is read, as often as it is. */
  readonly note: (facet: number) => void;
  /** Told that somebody looks whether there is an enclave at a place. */
  readonly noteTaken: (place: number) => void;
}

export function watchHost(host: Host, watch: Watch): Host {
  return {
    ...host,
    tree: watchTree(host, watch),
    memory: host.memory.map((memory, node) =>
      watchMemory(memory, {
        noteFree: () => watch.note(watch.facets.freeIn(node)),
        noteAll: () => watch.note(FIRST_NODE + node),
      }),
    ),
  };
}

function watchTree({ tree, hypervisor }: Host, watch: Watch): HostTree {
  const { layout, facets, note, noteTaken } = watch;
  const first = hypervisor.firstSlot;
  const watchedRecords = Array.from({ length: layout.places }, (_, place) =>
    watchRecord(tree, first + place, place, watch),
  );
  const facetOf: Readonly<Record<Exclude<keyof HostTree, 'records' | 'counters'>, number>> = {
    parent: BASE,
    reservation: BASE,
    dirty: BASE,
    online: CPUS,
    pool: CPUS,
    mappings: layout.mappings,
    promised: layout.mappings,
  };
  const watched = {
    counters: watchCounters(tree, watch),
    get records() {
      note(facets.order);
      return tree.records.map(({ uid }) => watchedRecords[uid - first]);
    },
    lookUp(uid: number) {
      const place = uid - first;
      if (place >= 0 && place < layout.places) noteTaken(place);
      return recordOf(tree, uid) === undefined ? undefined : watchedRecords[place];
    },
  };
  for (const name of Object.keys(facetOf) as (keyof typeof facetOf)[]) {
    const facet = facetOf[name];
    Object.defineProperty(watched, name, {
      get: () => {
        note(facet);
        return tree[name];
      },
    });
  }
  return watched as unknown as HostTree;
}

/** The next slot is the move's own, the next CID above all: both are no state of the view. */
function watchCounters({ counters }: HostTree, { facets, note }: Watch): HostTree['counters'] {
  return {
    get pinned() {
      note(BASE);
      note(facets.pins);
      return counters.pinned;
    },
    get bound() {
      note(BASE);
      return counters.bound;
    },
    get nextSlot() {
      return counters.nextSlot;
    },
    get nextCid() {
      return counters.nextCid;
    },
  };
}

function watchRecord(tree: HostTree, uid: number, place: number, watch: Watch): Enclave {
  const { facets, note } = watch;
  const fields = {};
  for (const name of Object.keys(GROUP_OF) as (keyof typeof GROUP_OF)[]) {
    const facet = facets.ofPlace(place, GROUP_OF[name]);
    Object.defineProperty(fields, name, {
      get: () => {
        note(facet);
        return theRecord(tree, uid)[name];
      },
    });
  }
  return Object.create(fields, { uid: { enumerable: true, value: uid } }) as Enclave;
}
