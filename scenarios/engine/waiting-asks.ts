/**
 * What becomes of an ask that no parent takes: refused, tried again at a time of its own, or queued.
 *
 * Invariant: each such ask is told once more for each no, and leaves by being placed, refused for good,
 * or at the end of its patience; an ask that comes while others wait in the queue waits behind them.
 * Trade-off: whoever places asks is asked anew for each try and remembers nothing of the last one.
 */
import { type EventHeap, RANK } from './event-heap.js';
import type { FleetTally } from './fleet-tally.js';
import type { FleetRequest, OnRefusal } from './request.js';
import { AskQueue, RetryRoom, type Waiting } from './waiting.js';

/** Who finds places for asks. */
export interface Placer {
  /** Simulated time in ms. */
  readonly now: number;
  /** Rule of the last no. */
  readonly lastNo: string;
  tryPlace(request: FleetRequest): boolean;
  /** Whether no parent has so much, even empty. */
  isTooLarge(request: FleetRequest): boolean;
}

export class WaitingAsks {
  private readonly placer: Placer;
  private readonly agenda: EventHeap;
  private readonly tally: FleetTally;
  private readonly onRefusal: OnRefusal;
  private readonly retries = new RetryRoom();
  private readonly queue = new AskQueue();
  /** A moment is on the agenda for the patience of whoever is first in the queue. */
  private watched = false;

  constructor(placer: Placer, agenda: EventHeap, tally: FleetTally, onRefusal: OnRefusal) {
    this.placer = placer;
    this.agenda = agenda;
    this.tally = tally;
    this.onRefusal = onRefusal;
  }

  /** How many wait in the queue. */
  get queued(): number {
    return this.queue.length;
  }

  /** A new ask: placed at once where nobody has come before it. */
  arrive(request: FleetRequest): void {
    const { placer } = this;
    const isBehind = this.queue.length > 0;
    if (!isBehind && placer.tryPlace(request)) return;
    const rule = isBehind ? 'fleet-queue' : placer.lastNo;
    this.decline({ request, tried: 1, untilMs: placer.now, rule });
  }

  /** The moment of whoever waits in that room has come. */
  tryAgain(room: number): void {
    const waiting = this.retries.take(room);
    if (this.placer.tryPlace(waiting.request)) this.tally.acceptLate(waiting.request.id);
    else this.decline({ ...waiting, tried: waiting.tried + 1, rule: this.placer.lastNo });
  }

  /** Something ended, was lost or came up: those in the queue, in their order, as long as there is a place. */
  serveQueue(): void {
    for (;;) {
      const head = this.queue.first();
      if (head === undefined) return;
      if (!this.placer.tryPlace(head.request)) {
        this.queue.refuseFirst(this.placer.lastNo);
        return;
      }
      this.tally.acceptLate(head.request.id);
      this.queue.dropFirst();
    }
  }

  /** Whoever's patience is at its end leaves the queue; false = nobody did. */
  expire(at: number): boolean {
    this.watched = false;
    const before = this.queue.length;
    let head = this.queue.first();
    while (head !== undefined && head.untilMs <= at) {
      this.tally.expire(at, head.request.id, head.rule);
      this.noteTooLarge(head.request);
      this.queue.dropFirst();
      head = this.queue.first();
    }
    return this.queue.length < before;
  }

  watchPatience(): void {
    const head = this.queue.first();
    if (this.watched || head === undefined) return;
    this.watched = true;
    this.agenda.push(head.untilMs, RANK.patience, 0);
  }

  /** Of one that leaves without a place. */
  private noteTooLarge(request: FleetRequest): void {
    if (this.placer.isTooLarge(request)) this.tally.noteTooLarge(request.id);
  }

  private decline(waiting: Waiting): void {
    const { onRefusal, tally } = this;
    const { now } = this.placer;
    const { request, rule } = waiting;
    if (onRefusal.kind === 'retry' && waiting.tried <= onRefusal.times) {
      this.agenda.push(now + onRefusal.everyMs, RANK.retry, this.retries.put(waiting));
    } else if (onRefusal.kind === 'queue' && this.queue.length < onRefusal.most) {
      this.queue.add({ ...waiting, untilMs: now + onRefusal.patienceMs });
      this.watchPatience();
    } else {
      tally.refuse(now, request.id, rule);
      this.noteTooLarge(request);
      return;
    }
    tally.wait(now, request.id, rule);
  }
}
