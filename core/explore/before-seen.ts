/**
 * The loaded state as `noteBefore` would note it, telling which facets of it are read.
 *
 * Invariant: what a judge finds through it is what it would find in the note itself. Trade-off: each
 * record is decoded when it is read, not before; only answers that are then remembered are found so.
 */
import type { Before } from '../invariants/before.js';
import { sizeOf, wasStarted } from '../invariants/before.js';
import { strandedIn } from '../invariants/stranded-cpus.js';
import { CID, CORES, type Facets, FLAGS, MEMORY, STATE, VCPUS } from './facets.js';
import { BASE, CPUS } from './host-keys.js';
import type { HostModel } from './host-model.js';

export interface Seen {
  readonly source: HostModel;
  readonly facets: Facets;
  /** The words of the loaded state. */
  readonly here: Int32Array;
  /** Facets of the state before the move, of the one after it, then the numbers of its note and of whom it may move. */
  readonly values: Int32Array;
  /** Told of each facet that is read. */
  readonly note: (facet: number) => void;
}

export function beforeSeen({ source, facets, here, values, note }: Seen): Before {
  const { keys, host } = source;
  const { layout, registers } = keys;
  const noteOfMove = () => {
    note(facets.note);
    return source.notes.note(values[facets.note]);
  };
  const places = () => {
    note(facets.order);
    return Array.from({ length: layout.places }, (_, place) => place).filter(
      (place) => here[layout.firstPlace + place] !== 0,
    );
  };
  const recordAt = (place: number) => registers.enclaves.part(here[layout.firstPlace + place] - 1);
  return {
    get wholeLaunch() {
      return noteOfMove().wholeLaunch;
    },
    get offlineCause() {
      return noteOfMove().offlineCause;
    },
    get mover() {
      note(facets.mover);
      return source.notes.mover(values[facets.mover]);
    },
    get stranded() {
      note(CPUS);
      const records = places().map((place) => {
        note(facets.ofPlace(place, CORES));
        note(facets.ofPlace(place, VCPUS));
        return recordAt(place);
      });
      return strandedIn(host.topology, { ...registers.cpus.part(here[CPUS]), records });
    },
    get mayLeavePin() {
      return noteOfMove().mayLeavePin;
    },
    get extraPins() {
      note(BASE);
      return registers.base.part(here[BASE]).extraPins;
    },
    get parent() {
      note(BASE);
      return registers.base.part(here[BASE]).parent;
    },
    get enclaves() {
      return places().map((place) => {
        const record = recordAt(place);
        return {
          uid: host.hypervisor.firstSlot + place,
          get state() {
            note(facets.ofPlace(place, STATE));
            return record.state;
          },
          get started() {
            note(facets.ofPlace(place, CID));
            note(facets.ofPlace(place, FLAGS));
            return wasStarted(record);
          },
          get size() {
            note(facets.ofPlace(place, VCPUS));
            note(facets.ofPlace(place, CORES));
            note(facets.ofPlace(place, MEMORY));
            return sizeOf(record);
          },
        };
      });
    },
  };
}
