/**
 * Where the members of groups live now, and which parents that forbids to the next member.
 *
 * anti-affinity: no two living members on one parent; affinity: all living members on one parent, which
 * the first of them is free to choose. A fault domain is known by name only, so it forbids nothing.
 * Invariant: a group is known as long as a member lives, with the number of its living members on
 * each parent; what `shut` closed, and nothing else, `reopen` opens. Trade-off: a member of a living
 * affinity group costs a look at every parent, as a policy's own search does.
 */
import type { GroupRule, RequestGroup } from './request.js';

interface Living {
  readonly rule: GroupRule;
  readonly key: string;
  /** Parent → how many of its members live there. */
  readonly on: Map<number, number>;
}

/** The number of no group. */
export const NO_GROUP = 0;

export class GroupPlaces {
  private readonly numbers = new Map<string, number>();
  /** By number; the first is no group. */
  private readonly groups: (Living | undefined)[] = [undefined];
  private readonly spare: number[] = [];
  /** Parents that the present ask found open and its group closed. */
  private readonly shutNow: number[] = [];

  /** Groups that have a living member. */
  get living(): number {
    return this.numbers.size;
  }

  /** Closes (1) the open parents that the rule forbids to one more member. */
  shut(group: RequestGroup, closed: Uint8Array): void {
    this.shutNow.length = 0;
    const living = this.groups[this.numbers.get(keyOf(group)) ?? NO_GROUP];
    if (living === undefined) return;
    const { rule, on } = living;
    if (rule === 'anti-affinity') {
      for (const host of on.keys()) this.close(host, closed);
    } else if (rule === 'affinity') {
      for (let host = 0; host < closed.length; host++) {
        if (!on.has(host)) this.close(host, closed);
      }
    }
  }

  /** Opens what the last `shut` closed. */
  reopen(closed: Uint8Array): void {
    for (const host of this.shutNow) closed[host] = 0;
  }

  /** The last `shut` closed this parent. */
  hasShut(host: number): boolean {
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
