/**
 * Only legal moves; nothing runs when the parent does not; no auto-restart; no resize after start; no console
 * of an enclave that is not in debug mode.
 *
 * A move is judged between the host before a command and after it: one command moves an enclave
 * along one edge of its machine, or not at all; a stop of the parent takes the parent along several,
 * and a whole launch in one command brings a new enclave from nothing to running.
 * A command that names an enclave moves that one alone, and out of `absent` only somebody's launch
 * leads, so no auto-restart needs no row of its own.
 * Invariant: the machines' dense tables decide, so a drawing of a machine is what is enforced here.
 */

import { recordOf } from '../host/records.js';
import type { Enclave } from '../host/tree.js';
import type { LifecycleState, ParentState } from '../lifecycle/states.js';
import { lifecycle } from '../lifecycle/surfaces.js';
import { ILLEGAL, type LifecycleTable, nextIndex } from '../lifecycle/table.js';
import { type Before, type EnclaveBefore, type Size, sizeOf, wasStarted } from './before.js';
import type { Always, Scene, Violation } from './invariant.js';
import { mayMove } from './movers.js';
import { isRunning } from './running.js';

const ID = 'lifecycle-legal';
/** stop, enclavesGone, terminate. */
const PARENT_EDGES = 3;
/** define, map, add memory, load image, add CPU, start, heartbeat. */
const LAUNCH_EDGES = 7;
const WHOM = { any: 'those that are there', new: 'a new one', none: 'none' } as const;
const SIZE_KEYS: readonly (keyof Size)[] = ['vcpus', 'cores', 'memoryBytes', 'ranges', 'extents'];
/** What a hypervisor gave; a core that a forgetful driver moves for nothing is not the enclave's. */
const GIVEN_KEYS: readonly (keyof Size)[] = ['vcpus', 'memoryBytes', 'ranges'];

export const lifecycleLegal: Always = {
  id: ID,
  sentence:
    'Only legal transitions; a command moves only the enclave it names; nothing runs when the ' +
    'parent does not; no auto-restart; no resize after start; a console only in debug mode.',
  kind: 'always',
  check(scene) {
    const uids = scene.host.tree.records.map(({ uid }) => uid);
    const found = uids.flatMap((uid) => [
      ...outlivesParent(scene, uid),
      ...sealedConsole(scene, uid),
    ]);
    const { before } = scene;
    if (before === undefined) return found;
    found.push(...illegalParentMove(scene));
    const all = new Set([...before.enclaves.map(({ uid }) => uid), ...uids]);
    for (const uid of all) found.push(...illegalMove(scene, uid));
    return found;
  },
};

/** What `check` finds of one enclave, for who asks enclave by enclave. */
export function illegalEnclave(scene: Scene, uid: number): Violation[] {
  return [...outlivesParent(scene, uid), ...sealedConsole(scene, uid), ...illegalMove(scene, uid)];
}

/** What `check` finds of the parent itself; [] without a host before. */
export function illegalParentMove({ host, before }: Scene): Violation[] {
  if (before === undefined) return [];
  const [from, to] = [before.parent, host.tree.parent];
  if (reaches(lifecycle.parentVm(), from, to, PARENT_EDGES)) return [];
  return [illegal('the parent', from, to)];
}

function outlivesParent({ host }: Scene, uid: number): Violation[] {
  const { parent } = host.tree;
  if (parent === 'running') return [];
  const enclave = recordOf(host.tree, uid);
  if (enclave === undefined || (parent === 'stopping' && !isRunning(enclave.state))) return [];
  const { state } = enclave;
  const message = `enclave ${uid} is ${state} while its parent is ${parent}`;
  return [{ invariant: ID, message, numbers: { state, parent }, enclave: uid }];
}

function illegalMove({ host, before }: Scene, uid: number): Violation[] {
  if (before === undefined) return [];
  const found: Violation[] = [];
  const enclave = recordOf(host.tree, uid);
  const was = before.enclaves.find((one) => one.uid === uid);
  const [from, to] = [was?.state ?? 'absent', enclave?.state ?? 'absent'];
  const edges = was === undefined && before.wholeLaunch === true ? LAUNCH_EDGES : 1;
  const surface = host.profile.guarantees?.surface;
  if (surface !== undefined && !reaches(lifecycle[surface](), from, to, edges)) {
    found.push({ ...illegal(`enclave ${uid}`, from, to), enclave: uid });
  }
  if (from !== to) found.push(...movedBy(before.mover, { uid, from, to }, was === undefined));
  if (was !== undefined && enclave !== undefined) checkSize(was, enclave, found);
  return found;
}

interface Moved {
  readonly uid: number;
  readonly from: LifecycleState;
  readonly to: LifecycleState;
}

function movedBy(mover: Before['mover'], { uid, from, to }: Moved, isNew: boolean): Violation[] {
  if (mover === undefined || mayMove(mover, uid, isNew)) return [];
  const whom = typeof mover === 'number' ? `enclave ${mover}` : WHOM[mover];
  const message = `enclave ${uid} went from ${from} to ${to} by a command that may move ${whom}`;
  return [{ invariant: ID, message, numbers: { from, to, mover }, enclave: uid }];
}

function checkSize(was: EnclaveBefore, enclave: Enclave, found: Violation[]): void {
  const running = isRunning(was.state) && isRunning(enclave.state);
  if (!running && !(was.started && wasStarted(enclave))) return;
  const now = sizeOf(enclave);
  const { uid } = enclave;
  for (const key of running ? SIZE_KEYS : GIVEN_KEYS) {
    const [from, to] = [was.size[key], now[key]];
    if (from.count !== to.count) {
      const message = `running enclave ${uid} went from ${from.count} to ${to.count} ${key}`;
      const numbers = { what: key, from: from.count, to: to.count };
      found.push({ invariant: ID, message, numbers, enclave: uid });
    } else if (from.which.join() !== to.which.join()) {
      const numbers = { what: key, from: from.which.join(), to: to.which.join() };
      const message = `running enclave ${uid} has other ${key} than it had: ${numbers.to}, not ${numbers.from}`;
      found.push({ invariant: ID, message, numbers, enclave: uid });
    }
  }
}

/** A console is open only on an enclave in debug mode: it reads what the guest keeps to itself. */
function sealedConsole({ host }: Scene, uid: number): Violation[] {
  const enclave = recordOf(host.tree, uid);
  if (enclave === undefined || enclave.console === 0 || enclave.debug === 1) return [];
  const message = `the console of enclave ${uid} is open, which is not in debug mode`;
  return [{ invariant: ID, message, numbers: { console: 1, debug: 0 }, enclave: uid }];
}

function illegal(who: string, from: string, to: string): Violation {
  const message = `${who} went from ${from} to ${to}, which no command does`;
  return { invariant: ID, message, numbers: { from, to } };
}

/** Whether at most `edges` events lead from one state to the other; a foreign name never does. */
function reaches(
  table: LifecycleTable<string, string>,
  from: LifecycleState | ParentState,
  to: LifecycleState | ParentState,
  edges: number,
): boolean {
  const [start, target] = [table.stateIndex.get(from), table.stateIndex.get(to)];
  if (start === undefined || target === undefined) return false;
  let reached = [start];
  for (let step = 0; step <= edges; step++) {
    if (reached.includes(target)) return true;
    reached = reached.flatMap((state) => successors(table, state));
  }
  return false;
}

function successors(table: LifecycleTable<string, string>, state: number): number[] {
  return table.events
    .map((_, event) => nextIndex(table, state, event))
    .filter((next) => next !== ILLEGAL);
}
