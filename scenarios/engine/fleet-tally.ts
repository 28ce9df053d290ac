/**
 * The counts of a fleet run, and its digest: every event is told here once.
 *
 * Invariant: what runs now = accepted - ended - lost, at every moment.
 */
import type { Host } from '../../core/host/host.js';
import type { FleetView } from '../../core/placement/fleet-view.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import type { FleetRequest, ParentEvent, RequestGroup } from './request.js';
import type { FirstRefusal, FleetResult, RefusedReservation } from './result.js';
import { ResultDigest, TOLD } from './result-digest.js';

const PARENT_EVENTS: readonly ParentEvent['what'][] = ['stop', 'crash', 'boot', 'reserve'];

export class FleetTally {
  asked = 0;
  acceptedLate = 0;
  /** Accepted, but on other nodes than were proposed. */
  elsewhere = 0;
  /** Refused or expired when no parent had so much, even empty. */
  tooLarge = 0;
  private accepted = 0;
  private ended = 0;
  private refused = 0;
  private expired = 0;
  private lost = 0;
  private running = 0;
  private vcpus = 0;
  private mib = 0;
  private peakRunning = 0;
  private peakVcpus = 0;
  private peakMib = 0;
  private strandedVcpus = 0;
  private strandedMib = 0;
  private groupsKept = 0;
  private groupsNotKept = 0;
  /** Events of parents since an ask or a life last came to anything. */
  private parentEventsSince = 0;
  private readonly refusedBy = new Map<string, number>();
  private readonly refusedProposals = new Map<string, number>();
  private readonly firstRefusals = new Map<string, FirstRefusal>();
  private readonly refusedEvents = new Map<string, number>();
  /** By codes and rule. */
  private readonly refusedReservations = new Map<string, RefusedReservation>();
  private readonly digest = new ResultDigest();

  /** Accepted launches and ends so far. */
  get events(): number {
    return this.accepted + this.ended;
  }

  /** A request came that belongs to a group. */
  inGroup({ rule }: RequestGroup): void {
    if (rule === 'fault_domain') this.groupsNotKept++;
    else this.groupsKept++;
  }

  /** `place`: of where-it-went. */
  accept(now: number, host: number, uid: number, request: FleetRequest, place: number): void {
    const { id, vcpus, memoryMib } = request;
    this.parentEventsSince = 0;
    this.accepted++;
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

  /** Its parent went down before its end. */
  lose(now: number, host: number, uid: number, vcpus: number, mib: number): void {
    this.parentEventsSince = 0;
    this.lost++;
    this.takeOff(vcpus, mib);
    this.digest.add(now, TOLD.lost, host, uid);
  }

  refuse(now: number, ask: number, rule: string): void {
    this.parentEventsSince = 0;
    this.refused++;
    count(this.refusedBy, rule);
    this.digest.addNo(now, TOLD.refused, -1, ask, rule);
  }

  expire(now: number, ask: number, rule: string): void {
    this.parentEventsSince = 0;
    this.expired++;
    count(this.refusedBy, rule);
    this.digest.addNo(now, TOLD.expired, -1, ask, rule);
  }

  /** In the queue, or until it is tried again. */
  wait(now: number, ask: number, rule: string): void {
    this.parentEventsSince = 0;
    this.digest.addNo(now, TOLD.waits, -1, ask, rule);
  }

  /** `said`: by the parent itself, where it was asked. */
  refuseProposal(now: number, host: number, ask: number, rule: string, said?: Refusal): void {
    count(this.refusedProposals, rule);
    if (said !== undefined) this.tell(now, host, said);
    this.digest.addNo(now, TOLD.proposal, host, ask, rule);
  }

  /** An event of the parent itself, such as the boot of one that runs. */
  refuseEvent(now: number, host: number, said: Refusal): void {
    const { rule } = said;
    this.parentEventsSince++;
    count(this.refusedEvents, rule);
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

  /** Nobody could take an ask: what lies idle now on parents that run is stranded for it. */
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
    const { asked, accepted, ended, refused, expired, lost, acceptedLate, elsewhere } = this;
    const groups = { kept: this.groupsKept, notKept: this.groupsNotKept };
    return {
      asked,
      accepted,
      ended,
      refused,
      expired,
      lost,
      acceptedLate,
      elsewhere,
      ...(this.tooLarge === 0 ? {} : { tooLarge: this.tooLarge }),
      refusedBy: sorted(this.refusedBy),
      refusedProposals: sorted(this.refusedProposals),
      firstRefusals: Object.fromEntries(this.firstRefusals),
      refusedEvents: sorted(this.refusedEvents),
      refusedReservations: [...this.refusedReservations.values()].sort((a, b) => b.count - a.count),
      ...(groups.kept + groups.notKept === 0 ? {} : { groups }),
      peak: {
        running: this.peakRunning,
        vcpus: this.peakVcpus,
        memoryMib: this.peakMib,
        strandedVcpus: this.strandedVcpus,
        strandedMib: this.strandedMib,
      },
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

  private takeOff(vcpus: number, mib: number): void {
    this.running--;
    this.vcpus -= vcpus;
    this.mib -= mib;
  }
}

function count(map: Map<string, number>, rule: string): void {
  map.set(rule, (map.get(rule) ?? 0) + 1);
}

/** By number, most first; equal ones by name. */
function sorted(map: ReadonlyMap<string, number>): Record<string, number> {
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  return Object.fromEntries([...map].sort(([a, m], [b, n]) => n - m || byName(a, b)));
}
