/**
 * The counts of a fleet run, and its digest: every event is told here once.
 *
 * Invariant: what runs now = accepted - ended - lost, at every moment; what became of an ask is told of
 * the side of the warm-up on which it came, by its number, since asks come in the order of theirs.
 */
import type { Host } from '../../core/host/host.js';
import type { FleetView } from '../../core/placement/fleet-view.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { AskCounts, count, sorted } from './ask-counts.js';
import type { FleetRequest, ParentEvent } from './request.js';
import type { FirstRefusal, FleetResult, RefusedReservation } from './result.js';
import { ResultDigest, TOLD } from './result-digest.js';
import { isOfWarmup, type Warmup } from './warm-up.js';

const PARENT_EVENTS: readonly ParentEvent['what'][] = ['stop', 'crash', 'boot', 'reserve'];

export class FleetTally {
  /** Accepted, but on other nodes than were proposed. */
  elsewhere = 0;
  private readonly warm = new AskCounts();
  private readonly counted = new AskCounts();
  private readonly warmup: Warmup | undefined;
  /** Ask from which on all are counted. */
  private firstCounted: number;
  private ended = 0;
  private running = 0;
  private vcpus = 0;
  private mib = 0;
  private peakRunning = 0;
  private peakVcpus = 0;
  private peakMib = 0;
  private strandedVcpus = 0;
  private strandedMib = 0;
  /** Events of parents since an ask or a life last came to anything. */
  private parentEventsSince = 0;
  private readonly firstRefusals = new Map<string, FirstRefusal>();
  private readonly refusedEvents = new Map<string, number>();
  /** By codes and rule. */
  private readonly refusedReservations = new Map<string, RefusedReservation>();
  private readonly digest = new ResultDigest();

  constructor(warmup: Warmup | undefined) {
    this.warmup = warmup;
    this.firstCounted = warmup === undefined ? 0 : Number.POSITIVE_INFINITY;
  }

  get asked(): number {
    return this.warm.asked + this.counted.asked;
  }

  /** Accepted launches and ends so far. */
  get events(): number {
    return this.warm.accepted + this.counted.accepted + this.ended;
  }

  /** A request came. */
  ask(request: FleetRequest): void {
    const { warmup } = this;
    const { id, group } = request;
    if (warmup !== undefined && id < this.firstCounted && !isOfWarmup(request, warmup)) {
      this.firstCounted = id;
    }
    const counts = this.countsOf(id);
    counts.asked++;
    if (group !== undefined) counts.inGroup(group);
  }

  /** `place`: of where-it-went. */
  accept(now: number, host: number, uid: number, request: FleetRequest, place: number): void {
    const { id, vcpus, memoryMib } = request;
    this.parentEventsSince = 0;
    this.countsOf(id).accepted++;
    this.running++;
    this.vcpus += vcpus;
    this.mib += memoryMib;
    if (this.running > this.peakRunning) this.peakRunning = this.running;
    if (this.vcpus > this.peakVcpus) this.peakVcpus = this.vcpus;
    if (this.mib > this.peakMib) this.peakMib = this.mib;
    this.digest.addAccepted(now, host, id, uid, vcpus, memoryMib, place);
  }

  end(now: number, host: number, uid: number, vcpus: number, mib: number): void {
    this.parentEventsSince = 0;
    this.ended++;
    this.takeOff(vcpus, mib);
    this.digest.add(now, TOLD.ended, host, uid);
  }

  /** One that was accepted was so late. */
  acceptLate(ask: number): void {
    this.countsOf(ask).acceptedLate++;
  }

  /** One that leaves without a place is of more than any parent has, even empty. */
  noteTooLarge(ask: number): void {
    this.countsOf(ask).tooLarge++;
  }

  /** Its parent went down before its end. */
  lose(now: number, host: number, uid: number, ask: number, vcpus: number, mib: number): void {
    this.parentEventsSince = 0;
    this.countsOf(ask).lost++;
    this.takeOff(vcpus, mib);
    this.digest.add(now, TOLD.lost, host, uid);
  }

  refuse(now: number, ask: number, rule: string): void {
    this.parentEventsSince = 0;
    const counts = this.countsOf(ask);
    counts.refused++;
    counts.gotNowhere(rule);
    this.digest.addNo(now, TOLD.refused, -1, ask, rule);
  }

  expire(now: number, ask: number, rule: string): void {
    this.parentEventsSince = 0;
    const counts = this.countsOf(ask);
    counts.expired++;
    counts.gotNowhere(rule);
    this.digest.addNo(now, TOLD.expired, -1, ask, rule);
  }

  /** In the queue, or until it is tried again. */
  wait(now: number, ask: number, rule: string): void {
    this.parentEventsSince = 0;
    this.digest.addNo(now, TOLD.waits, -1, ask, rule);
  }

  /** `said`: by the parent itself, where it was asked. */
  refuseProposal(now: number, host: number, ask: number, rule: string, said?: Refusal): void {
    this.countsOf(ask).refuseProposal(rule);
    if (said !== undefined) this.tell(now, host, said);
    this.digest.addNo(now, TOLD.proposal, host, ask, rule);
  }

  /** An event of the parent itself, such as the boot of one that runs. */
  refuseEvent(now: number, host: number, said: Refusal): void {
    const { rule } = said;
    this.parentEventsSince++;
    count(this.refusedEvents, rule, 1);
    this.tell(now, host, said);
    this.digest.addNo(now, TOLD.proposal, host, -1, rule);
  }

  /** At a boot; the parent runs on without. */
  refuseReservation(now: number, host: number, refusal: Refusal): void {
    const { layer, codes, rule, message, remedy } = refusal;
    const key = `${codes.join(' ')} ${rule}`;
    const known = this.refusedReservations.get(key);
    const first = known ?? { layer, codes, rule, message, remedy, parent: host, atMs: now };
    this.refusedReservations.set(key, { ...first, count: (known?.count ?? 0) + 1 });
    this.digest.addNo(now, TOLD.reservation, host, -1, rule);
  }

  parent(now: number, host: number, what: ParentEvent['what']): void {
    this.parentEventsSince++;
    this.digest.add(now, TOLD.parent, host, PARENT_EVENTS.indexOf(what));
  }

  /** An ask got no place: what lies idle now on parents that run is stranded for it. */
  strand({ firstNode, freeThreads, freeMib }: FleetView, fleet: readonly Host[]): void {
    let threads = 0;
    let mib = 0;
    for (let host = 0; host < fleet.length; host++) {
      if (fleet[host].tree.parent !== 'running') continue;
      for (let place = firstNode[host]; place < firstNode[host + 1]; place++) {
        threads += freeThreads[place];
        mib += freeMib[place];
      }
    }
    if (threads > this.strandedVcpus) this.strandedVcpus = threads;
    if (mib > this.strandedMib) this.strandedMib = mib;
  }

  finish(lastMs: number, violations: FleetResult['violations']): FleetResult {
    const { warm, counted, warmup, ended, elsewhere } = this;
    const { asked, accepted, refused, expired, lost, acceptedLate, groups, ...more } = warm
      .and(counted)
      .told();
    return {
      ...{ asked, accepted, ended, refused, expired, lost, acceptedLate, elsewhere },
      ...more,
      firstRefusals: Object.fromEntries(this.firstRefusals),
      refusedEvents: sorted(this.refusedEvents),
      refusedReservations: [...this.refusedReservations.values()].sort((a, b) => b.count - a.count),
      ...(groups === undefined ? {} : { groups }),
      peak: {
        running: this.peakRunning,
        vcpus: this.peakVcpus,
        memoryMib: this.peakMib,
        strandedVcpus: this.strandedVcpus,
        strandedMib: this.strandedMib,
      },
      ...(warmup === undefined ? {} : { counted: counted.told() }),
      ...(this.parentEventsSince === 0 ? {} : { eventsAfterEnd: this.parentEventsSince }),
      lastMs,
      atEnd: { running: this.running, vcpus: this.vcpus, memoryMib: this.mib },
      violations,
      resultHash: this.digest.finish(),
    };
  }

  private tell(now: number, host: number, { rule, layer, codes, message, remedy }: Refusal): void {
    if (this.firstRefusals.has(rule)) return;
    this.firstRefusals.set(rule, { layer, codes, message, remedy, parent: host, atMs: now });
  }

  private countsOf(ask: number): AskCounts {
    return ask < this.firstCounted ? this.warm : this.counted;
  }

  private takeOff(vcpus: number, mib: number): void {
    this.running--;
    this.vcpus -= vcpus;
    this.mib -= mib;
  }
}
