/**
 * The fleet run: a discrete-event engine over decide and apply, in place on live hosts.
 *
 * Moments come from two sides, the agenda (ends, parents' events, retries) and the workload, which is
 * read one request at a time; so memory holds what lives, not what will come. A policy proposes, the
 * parent's own profile decides; a refused proposal closes that parent for this ask and the policy is
 * asked again. Invariant: nothing but a carrier changes a host, and equal inputs give equal results:
 * at one time ends go first, then parents, retries, patience that runs out, and new requests last.
 * Trade-off: one engine for all platforms; a platform is as quick as its rules are.
 *
 * What an event costs is spread thin: a launch and its end leave some two kilobytes of commands,
 * decisions, effects and records behind, of which the garbage collector takes 3 to 5 % of a profile;
 * no other function takes more than a tenth. Calls count most: compiled without inlining, a run takes
 * half as long again or more.
 */
import type { Effect } from '../../core/host/effect.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { FleetCounts } from '../../core/placement/fleet-counts.js';
import { ANY_FIT, isShippedPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetPolicy, FleetProposal } from '../../core/placement/fleet-view.js';
import { guardedPolicy } from '../../core/placement/guarded-policy.js';
import { counted } from '../../core/units/counted.js';
import type { ReservationInput } from '../schema/scenario.js';
import { EmptyParents } from './empty-parents.js';
import { EventHeap, RANK } from './event-heap.js';
import { FleetAudit } from './fleet-audit.js';
import type { FleetRunInput } from './fleet-run-input.js';
import { FleetTally } from './fleet-tally.js';
import { Lives } from './lives.js';
import { BY_GROUP, whyShut } from './no-place.js';
import type { FleetRequest, ParentEvent } from './request.js';
import type { FleetResult } from './result.js';
import { type Placer, WaitingAsks } from './waiting-asks.js';
import { placeMark, wentElsewhere } from './where-it-went.js';
import type { Moved } from './who-runs.js';
import { WhyNowhere } from './why-nowhere.js';

export function runFleet(input: FleetRunInput): FleetResult {
  return new FleetRun(input).run();
}

/** How far a run is. */
export interface FleetProgress {
  readonly asked: number;
  readonly events: number;
  /** Simulated time. */
  readonly nowMs: number;
}

/** Requests between two looks of whoever watches. */
const WATCH_EVERY = 1024;

/** The same run with a pause now and then; undefined when `watch` did not want it to go on. */
export function runFleetWatched(
  input: FleetRunInput,
  watch: (progress: FleetProgress) => Promise<boolean>,
): Promise<FleetResult | undefined> {
  return new FleetRun(input).runWatched(watch);
}

class FleetRun implements Placer {
  private readonly input: FleetRunInput;
  private readonly policy: FleetPolicy;
  private readonly counts: FleetCounts;
  private readonly agenda = new EventHeap();
  private readonly lives = new Lives();
  private readonly tally: FleetTally;
  private readonly eras: Int32Array;
  private readonly waiting: WaitingAsks;
  private readonly audit: FleetAudit | undefined;
  private readonly nowhere: WhyNowhere;
  private readonly empty: EmptyParents;
  now = 0;
  /** Rule of the last no that `tryPlace` met. */
  lastNo = '';
  private asking: FleetRequest | undefined;

  constructor(input: FleetRunInput) {
    this.input = input;
    const { policy, warmup } = input;
    this.tally = new FleetTally(warmup);
    const isOurs = isShippedPolicy(policy);
    this.policy = isOurs ? policy : guardedPolicy(policy, () => this.askText());
    this.counts = new FleetCounts(input.hosts);
    this.empty = new EmptyParents(this.counts);
    this.nowhere = new WhyNowhere({
      counts: this.counts,
      groups: this.lives.groups,
      anywhere: isOurs ? ANY_FIT : this.policy,
    });
    this.eras = new Int32Array(input.hosts.length);
    const { onRefusal = { kind: 'refuse' } } = input;
    this.waiting = new WaitingAsks(this, this.agenda, this.tally, onRefusal);
    this.audit = input.audit === true ? new FleetAudit(input.hosts) : undefined;
    for (const [h, { tree }] of input.hosts.entries()) {
      if (tree.parent !== 'running') this.counts.closed[h] = 1;
    }
    for (const [i, { atMs }] of (input.parentEvents ?? []).entries()) {
      this.agenda.push(atMs, RANK.parent, i);
    }
  }

  run(): FleetResult {
    for (const request of this.input.requests) this.ask(request);
    return this.finish();
  }

  async runWatched(
    watch: (progress: FleetProgress) => Promise<boolean>,
  ): Promise<FleetResult | undefined> {
    const { tally } = this;
    for (const request of this.input.requests) {
      this.ask(request);
      if (tally.asked % WATCH_EVERY !== 0) continue;
      const { asked, events } = tally;
      if (!(await watch({ asked, events, nowMs: this.now }))) return undefined;
    }
    return this.finish();
  }

  private ask(request: FleetRequest): void {
    this.advanceTo(request.atMs);
    this.now = request.atMs;
    this.tally.ask(request);
    this.waiting.arrive(request);
  }

  private finish(): FleetResult {
    this.advanceTo(Number.POSITIVE_INFINITY);
    this.audit?.all();
    const { count = 0, first = [] } = this.audit ?? {};
    return this.tally.finish(this.now, { count, first });
  }

  /** Everything on the agenda up to and including a time. */
  private advanceTo(time: number): void {
    const { agenda } = this;
    while (agenda.nextTime <= time && agenda.size > 0) {
      const at = agenda.nextTime;
      const rank = agenda.nextRank;
      const item = agenda.nextItem;
      agenda.pop();
      if (rank === RANK.end) this.end(item, at);
      else if (rank === RANK.patience) this.patienceEnds(at);
      else {
        this.now = at;
        if (rank === RANK.retry) this.waiting.tryAgain(item);
        else this.parentEvent(this.input.parentEvents?.[item]);
      }
    }
  }

  /** Whoever's patience is at its end leaves; those behind are served then and there. */
  private patienceEnds(at: number): void {
    const { waiting } = this;
    if (waiting.expire(at)) {
      this.now = at;
      waiting.serveQueue();
    }
    waiting.watchPatience();
  }

  isTooLarge(request: FleetRequest): boolean {
    return this.empty.haveNoPlaceFor(this.askOf(request));
  }

  /** Within the rule of its group, whose parents are closed for this ask; `lastNo` says why not. */
  tryPlace(request: FleetRequest): boolean {
    const { group } = request;
    const { groups } = this.lives;
    if (group !== undefined) groups.shut(group, this.counts);
    const placed = this.tryParents(request);
    if (group !== undefined) groups.reopen(this.counts);
    if (!placed && this.lastNo !== BY_GROUP) this.strand();
    return placed;
  }

  /** All that lies idle now, whichever rule said no: a cap leaves it idle as well as a node too small. */
  private strand(): void {
    const { counts } = this;
    counts.disregardCaps();
    this.tally.strand(counts, this.input.hosts);
    counts.heedCaps();
  }

  /** Asks the policy until a parent accepts or it proposes nowhere. */
  private tryParents(request: FleetRequest): boolean {
    const { policy } = this;
    this.asking = request;
    const ask = this.askOf(request);
    let proposal = policy.propose(this.counts, ask);
    if (proposal === undefined) return this.goNowhere(request, ask);
    let tried: number[] | undefined;
    let alike: number[] | undefined;
    let placed = false;
    while (proposal !== undefined && !placed) {
      const { host } = proposal;
      // A parent that said no is not asked twice, whatever the policy says.
      if (this.counts.isShut(host)) {
        const byGroup = request.group !== undefined && this.lives.groups.hasShut(host, this.counts);
        const rule = whyShut(host, tried, byGroup);
        if (tried === undefined) this.lastNo = rule;
        this.tally.refuseProposal(this.now, host, request.id, rule);
        break;
      }
      placed = this.launch(request, ask, proposal);
      if (placed) break;
      this.counts.closed[host] = 1;
      if (tried === undefined) tried = [host];
      else tried.push(host);
      alike ??= this.counts.closeForbidden(host, ask);
      proposal = policy.propose(this.counts, ask);
    }
    if (tried !== undefined) for (const host of tried) this.counts.closed[host] = 0;
    if (alike !== undefined) for (const host of alike) this.counts.closed[host] = 0;
    return placed;
  }

  private askOf({ vcpus, memoryMib, nodes, lifetimeMs }: FleetRequest): FleetAsk {
    const { blind = false } = this.input;
    return { vcpus, memoryMib, nodes, blind, end: this.now + lifetimeMs };
  }

  /** Nothing was proposed: a parent that is to give the reason is asked all the same. */
  private goNowhere(request: FleetRequest, ask: FleetAsk): boolean {
    const why = this.nowhere.why(request, ask);
    if ('asked' in why) return this.launch(request, ask, why.asked);
    this.lastNo = why.rule;
    return false;
  }

  private askText(): string {
    if (this.asking === undefined) return 'no ask';
    const { id, vcpus, memoryMib, nodes } = this.asking;
    const on = nodes === 1 ? '' : ` on ${nodes} nodes`;
    return `ask ${id} (${counted(vcpus, 'vCPU')}, ${memoryMib} MiB${on}, at ${this.now} ms)`;
  }

  private launch(request: FleetRequest, ask: FleetAsk, { host, nodes }: FleetProposal): boolean {
    const { hosts, carriers } = this.input;
    const { facts, refusal, effects } = carriers[host].launch(hosts[host], ask, nodes);
    const { uid } = facts;
    const isThere = uid !== undefined && refusal === undefined;
    this.follow(host, effects, isThere ? { came: uid } : undefined);
    if (!isThere) {
      this.lastNo = refusal?.rule ?? 'no-refusal';
      this.tally.refuseProposal(this.now, host, request.id, this.lastNo, refusal);
      return false;
    }
    const { lives, counts } = this;
    const slot = lives.take(request, host, uid, this.eras[host]);
    counts.lastEnd[host] =
      counts.running[host] === 1 ? ask.end : Math.max(counts.lastEnd[host], ask.end);
    if (ask.end < Number.POSITIVE_INFINITY) {
      // A negative slot ends as a crash.
      this.agenda.push(ask.end, RANK.end, request.crash === true ? -1 - slot : slot);
    }
    const record = theRecord(hosts[host].tree, uid);
    if (nodes !== undefined && wentElsewhere(hosts[host], record, nodes)) this.tally.elsewhere++;
    this.tally.accept(this.now, host, uid, request, placeMark(record));
    return true;
  }

  private end(item: number, at: number): void {
    const slot = item < 0 ? -1 - item : item;
    const { lives } = this;
    const host = lives.host[slot];
    const uid = lives.uid[slot];
    const gone = lives.era[slot] !== this.eras[host];
    lives.leaveGroup(slot);
    lives.drop(slot);
    // It was lost with its parent.
    if (gone) return;
    this.now = at;
    const { carriers, hosts } = this.input;
    const { refusal, effects } = carriers[host].end(hosts[host], uid, item < 0);
    if (refusal !== undefined)
      throw new Error(`parent ${host} would not end ${uid}: ${refusal.rule}`);
    this.follow(host, effects, { went: uid });
    this.tally.end(this.now, host, uid, lives.vcpus[slot], lives.mib[slot]);
    if (this.waiting.queued > 0) this.waiting.serveQueue();
  }

  private parentEvent(event: ParentEvent | undefined): void {
    if (event === undefined) return;
    const { host, what } = event;
    if (what === 'reserve') {
      this.reserveAnew(host, event.reservation);
      return;
    }
    const live = this.input.hosts[host];
    const { refusal } = runInPlace(live, { kind: `parent.${what}` });
    if (refusal !== undefined) {
      this.tally.refuseEvent(this.now, host, refusal);
      return;
    }
    this.tally.parent(this.now, host, what);
    if (what === 'boot') {
      const refused = this.input.carriers[host].prepare(live);
      if (refused !== undefined) this.tally.refuseReservation(this.now, host, refused);
    } else this.loseAll(host);
    this.counts.closed[host] = live.tree.parent === 'running' ? 0 : 1;
    this.follow(host, undefined, what === 'boot' ? undefined : { went: 'all' });
    if (what === 'boot') this.empty.look(this.counts, host);
    this.waiting.serveQueue();
  }

  private reserveAnew(host: number, reservation: ReservationInput): void {
    const { hosts, carriers } = this.input;
    const refusal = carriers[host].reserve(hosts[host], reservation);
    if (refusal === undefined) this.tally.parent(this.now, host, 'reserve');
    else this.tally.refuseEvent(this.now, host, refusal);
    // One that is refused may have cost the parent what it had, but not while it is down.
    this.follow(host, undefined, undefined);
    if (hosts[host].tree.parent === 'running') this.empty.look(this.counts, host);
    this.waiting.serveQueue();
  }

  private loseAll(host: number): void {
    const { lives } = this;
    for (const slot of lives.on(host, this.eras[host])) {
      const { uid, ask, vcpus, mib } = lives;
      this.tally.lose(this.now, host, uid[slot], ask[slot], vcpus[slot], mib[slot]);
      lives.leaveGroup(slot);
    }
    this.eras[host]++;
  }

  private follow(host: number, effects: readonly Effect[] | undefined, moved: Moved): void {
    if (effects === undefined || effects.length > 0) this.counts.follow(host, effects);
    this.audit?.touched(host, moved);
  }
}
