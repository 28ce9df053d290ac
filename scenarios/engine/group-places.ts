/**
 * Where the members of groups live now, and which parents that forbids to the next member.
 *
 * anti-affinity: no two living members on one parent; affinity: all living members on one parent, which
 * the first of them is free to choose. A fault domain is known by name only, so it forbids nothing.
 * Invariant: a group is known as long as a member lives, with the number of its living members on
 * each parent; what `shut` closed, and nothing else, `reopen` opens. The one parent of a living affinity
 * group is named and no other is touched, so its next member costs the same in a fleet of any size.
 */
import type { FleetCounts } from '../../core/placement/fleet-counts.js';
import type { GroupRule, RequestGroup } from './request.js';

interface Living {
  readonly rule: GroupRule;
  readonly key: string;
  /** Parent → how many of its members live there. */
  readonly on: Map<number, number>;
}

/** The number of no group. */
export const NO_GROUP = 0;

/** What a group closes its parents in. */
type Doors = Pick<FleetCounts, 'closed' | 'only'>;

export class GroupPlaces {
  private readonly numbers = new Map<string, number>();
  /** By number; the first is no group. */
  private readonly groups: (Living | undefined)[] = [undefined];
  private readonly spare: number[] = [];
  /** Parents that the present ask found open and its group closed. */
  private readonly shutNow: number[] = [];
  /** The parent that the present ask must go to, since its group is there. */
  private home: number | undefined;

  /** Groups that have a living member. */
  get living(): number {
    return this.numbers.size;
  }

  /** Closes (1) the open parents that the rule forbids to one more member, or all but the `only` one. */
  shut(group: RequestGroup, doors: Doors): void {
    this.shutNow.length = 0;
    this.home = undefined;
    const living = this.groups[this.numbers.get(keyOf(group)) ?? NO_GROUP];
    if (living === undefined) return;
    const { rule, on } = living;
    if (rule === 'anti-affinity') {
      for (const host of on.keys()) this.close(host, doors.closed);
    } else if (rule === 'affinity') {
      for (const host of on.keys()) this.home = host;
      doors.only = this.home;
    }
  }

  /** Opens what the last `shut` closed. */
  reopen(doors: Doors): void {
    for (const host of this.shutNow) doors.closed[host] = 0;
    doors.only = undefined;
  }

  /** The last `shut` closed this parent, which was open. */
  hasShut(host: number, { closed }: Doors): boolean {
    if (this.home !== undefined) return host !== this.home && closed[host] === 0;
    return this.shutNow.includes(host);
  }

  /** A member starts on a parent; the number of its group is what `leave` wants. */
  join(group: RequestGroup, host: number): number {
    const key = keyOf(group);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.spare.pop() ?? this.groups.length;
      this.groups[number] = { rule: group.rule, key, on: new Map() };
      this.numbers.set(key, number);
    }
    const on = this.groups[number]?.on;
    if (group.rule === 'affinity' && on !== undefined && on.size > 0 && !on.has(host)) {
      throw new Error(`group ${number} is together elsewhere than on parent ${host}`);
    }
    on?.set(host, (on.get(host) ?? 0) + 1);
    return number;
  }

  /** A member on a parent is no more, by its own end or its parent's. */
  leave(number: number, host: number): void {
    const group = this.groups[number];
    const members = group?.on.get(host);
    if (group === undefined || members === undefined) {
      throw new Error(`group ${number} has no member on parent ${host}`);
    }
    if (members > 1) group.on.set(host, members - 1);
    else group.on.delete(host);
    if (group.on.size > 0) return;
    this.groups[number] = undefined;
    this.numbers.delete(group.key);
    this.spare.push(number);
  }

  private close(host: number, closed: Uint8Array): void {
    if (closed[host] !== 0) return;
    closed[host] = 1;
    this.shutNow.push(host);
  }
}

/** Groups of different rules are different groups, whatever their names. */
function keyOf({ rule, name }: RequestGroup): string {
  return `${rule} ${name}`;
}
