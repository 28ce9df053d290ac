/**
 * What is read of a host while one question is answered, in order, each facet once.
 *
 * Facets of the state before a move stand first, those of the state after it behind them (`shift`).
 * Invariant: the order of reading is decided by the values read so far alone, so that `recall` can
 * follow it. Trade-off: which facet a look at a place counts as depends on what was read before; the
 * rule stands in `noteTaken`.
 */
import { type Facets, GROUPS, STATE, TAKEN } from './facets.js';
import { BASE } from './host-keys.js';

export class Reading {
  /** The facets read, in order. */
  read: number[] = [];
  private readonly facets: Facets;
  private readonly isRead: Uint8Array;
  private shift = 0;

  constructor(facets: Facets) {
    this.facets = facets;
    this.isRead = new Uint8Array(facets.ofBoth);
  }

  /** @param shift where the facets of the state begin that is looked at */
  start(shift: number): void {
    this.isRead.fill(0);
    this.read = [];
    this.shift = shift;
  }

  /** Ends an answer; one that was found without a look is of the base of the state looked at. */
  end(): readonly number[] {
    if (this.read.length === 0) this.noteHere(BASE);
    return this.read;
  }

  /** A facet of any of both states. */
  readonly note = (facet: number): void => {
    if (this.isRead[facet] === 1) return;
    this.isRead[facet] = 1;
    this.read.push(facet);
  };

  /** A facet of the state that is looked at. */
  readonly noteHere = (facet: number): void => this.note(this.shift + facet);

  /**
   * Whether a place is taken: part of the order once that is known, else a facet of its own. Who looks
   * there first of all goes on with the enclave's state, which says it, too.
   */
  readonly noteTaken = (place: number): void => {
    const { facets, shift, isRead, read } = this;
    const state = shift + facets.ofPlace(place, STATE);
    if (isRead[shift + facets.order] === 1 || isRead[state] === 1) return;
    this.note(read.length === 0 ? state : shift + facets.ofPlace(place, TAKEN));
  };

  /** Notes a whole record at once, which is that word of a key, for who reads all of it. */
  noteRecord(place: number, word: number): void {
    this.note(word);
    for (let group = 0; group < GROUPS; group++) this.isRead[this.facets.ofPlace(place, group)] = 1;
  }
}
