/**
 * Asks that wait: to be tried again at a time of their own, or in a queue.
 *
 * Invariant: an ask is in one place at most; all in the queue have the same patience, so the first
 * to come is the first to give up. Trade-off: the queue is strict, first come first served: a large
 * ask at its head holds up smaller ones behind it, as long as its patience lasts.
 */
import type { FleetRequest } from './request.js';

export interface Waiting {
  readonly request: FleetRequest;
  /** Attempts so far. */
  readonly tried: number;
  /** When it gives up, in ms. */
  readonly untilMs: number;
  /** Rule of the last no. */
  readonly rule: string;
}

/** A first-in first-out list whose head is cheap to drop. */
export class AskQueue {
  private list: Waiting[] = [];
  private head = 0;

  get length(): number {
    return this.list.length - this.head;
  }

  first(): Waiting | undefined {
    return this.list[this.head];
  }

  /** Whoever is first was told no once more, by that rule. */
  refuseFirst(rule: string): void {
    const waiting = this.list[this.head];
    if (waiting.rule !== rule) this.list[this.head] = { ...waiting, rule };
  }

  add(waiting: Waiting): void {
    this.list.push(waiting);
  }

  dropFirst(): void {
    this.head++;
    if (this.head < 1024 || this.head * 2 < this.list.length) return;
    this.list = this.list.slice(this.head);
    this.head = 0;
  }
}

/** Asks to be tried again, by a number that the agenda can hold. */
export class RetryRoom {
  private readonly rooms: (Waiting | undefined)[] = [];
  private readonly spare: number[] = [];
  count = 0;

  put(waiting: Waiting): number {
    const room = this.spare.pop() ?? this.rooms.length;
    this.rooms[room] = waiting;
    this.count++;
    return room;
  }

  take(room: number): Waiting {
    const waiting = this.rooms[room];
    if (waiting === undefined) throw new Error(`nobody waits in room ${room}`);
    this.rooms[room] = undefined;
    this.spare.push(room);
    this.count--;
    return waiting;
  }
}
