/**
 * What the tasks of a Nitro scope do with pages: map, touch and unmap them, and give them to an enclave.
 *
 * Invariant: user addresses are exact, so nothing is mapped above the `rooms` of a scope; a region is of
 * neighbouring mappings, each by its position, whoever mapped them. Trade-off: every page is given from
 * its first byte on, and as a whole.
 */
import type { AnswerKind, Answers, Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { isPromise, type Mapping } from '../host/tree.js';
import { mappedBytes } from '../platform/nitro/mapping.js';
import { MIB } from '../units/size.js';
import { ofEnclave } from './moves.js';
import { type Move, upTo } from './scope.js';

const FIRST_ADDRESS = 2 ** 44;
const EINVAL = 22;

export interface PageRoom {
  readonly frameMib: number;
  /** User addresses, in pages of the smallest size. */
  readonly rooms: number;
  /** Pages of a region; by default one. */
  readonly gives?: readonly number[];
  /** A page is mapped once those before are touched; by default in any order. */
  readonly touchedFirst?: true;
  /** Tasks unmap pages; otherwise only the parent's end does. */
  readonly unmaps: boolean;
  /** Local nodes of a first touch. */
  readonly touchesFrom: readonly number[];
}

/** Neighbouring mappings that are given as one region. */
export interface Given {
  readonly first: number;
  readonly pages: number;
}

export function givesOf({ rooms, gives = [1] }: PageRoom): Given[] {
  return gives.flatMap((pages) => upTo(rooms - pages + 1).map((first) => ({ first, pages })));
}

/** Maps one page, where the address it would get is still in the scope. */
export function mapMove(room: PageRoom, task: number, mib: number): Move {
  return {
    label: `nitro.map-page of ${mib} MiB by task ${task}`,
    command: (host) => {
      if (room.touchedFirst && host.tree.mappings.some(isPromise)) return undefined;
      const pageBytes = mib * MIB;
      const last = host.tree.mappings.at(-1);
      const top = last === undefined ? FIRST_ADDRESS : last.address + mappedBytes(last);
      const end = Math.ceil(top / pageBytes) * pageBytes + pageBytes;
      if (end > FIRST_ADDRESS + room.rooms * room.frameMib * MIB) return undefined;
      return { kind: 'nitro.map-page', task, pageKib: mib * 1024 };
    },
  };
}

/** Gives mappings, of pages of one size, to the enclave at a place, by the task of that place. */
export function giveMove(place: number, { first, pages }: Given, answers: Answers): Move {
  const what = pages === 1 ? `mapping ${first}` : `mappings ${first} to ${first + pages - 1}`;
  return {
    label: `nitro.set-memory of ${what} to enclave ${place}${tail(answers)}`,
    command: ofEnclave(place, (slot, host) => {
      const mapping = mappingAt(host, first);
      if (mapping === undefined || mappingAt(host, first + pages - 1) === undefined)
        return undefined;
      const { address, pageBytes } = mapping;
      return {
        kind: 'nitro.set-memory',
        slot,
        task: place + 1,
        flags: 0n,
        address: BigInt(address),
        bytes: BigInt(pages * pageBytes),
        answers,
      };
    }),
  };
}

export function mappingMoves(room: PageRoom, position: number): Move[] {
  const on = (what: string, command: (mapping: Mapping) => Command): Move => ({
    label: `nitro.${what} of mapping ${position}`,
    command: (host) => {
      const mapping = mappingAt(host, position);
      return mapping === undefined ? undefined : command(mapping);
    },
  });
  return [
    ...room.touchesFrom.map((localNode) =>
      on(`touch from node ${localNode}`, ({ address }) => {
        return { kind: 'nitro.touch', address, localNode };
      }),
    ),
    ...(room.unmaps ? [on('unmap', ({ address }) => ({ kind: 'nitro.unmap', address }))] : []),
  ];
}

function mappingAt({ tree }: Host, position: number): Mapping | undefined {
  return tree.mappings[position];
}

export function failing(kind: AnswerKind): Answers {
  return { [kind]: { nth: 1, errno: EINVAL } };
}

export function tail(answers: Answers): string {
  const [kind] = Object.keys(answers);
  return kind === undefined ? '' : `, ${kind} refused`;
}
