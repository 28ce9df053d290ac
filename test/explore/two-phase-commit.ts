/**
 * Two-phase commit, after Gray and Lamport, "Consensus on Transaction Commit" (2006), section 3: a
 * model with published counts, to validate the search on something that is not ours.
 *
 * Key: one word for each resource manager, the transaction manager, the set of managers it knows to
 * be prepared, and the set of messages sent. The counts are those of stateright's examples/2pc.
 */
import { ABSENT, type Breach, MOVED, type Model, type Tried } from '../../core/explore/model.js';

const WORKING = 0;
const PREPARED = 1;
const COMMITTED = 2;
const ABORTED = 3;
const COMMIT_SENT = 1 << 30;
const ABORT_SENT = 1 << 29;
const MOVES_PER_MANAGER = 5;

export function twoPhaseCommit(managers: number): Model {
  const tm = managers;
  const known = managers + 1;
  const sent = managers + 2;
  const words = managers + 3;
  const loaded = new Int32Array(words);
  const now = new Int32Array(words);
  const managerMove = (rm: number, which: number): boolean => {
    if (which === 0 && now[rm] === WORKING) {
      now[rm] = PREPARED;
      now[sent] |= 1 << rm;
    } else if (which === 1 && now[rm] === WORKING) now[rm] = ABORTED;
    else if (which === 2 && now[sent] & COMMIT_SENT) now[rm] = COMMITTED;
    else if (which === 3 && now[sent] & ABORT_SENT) now[rm] = ABORTED;
    else if (which === 4 && now[tm] === WORKING && now[sent] & (1 << rm)) now[known] |= 1 << rm;
    else return false;
    return true;
  };
  const coordinatorMove = (commit: boolean): boolean => {
    if (now[tm] !== WORKING) return false;
    if (commit && now[known] !== (1 << managers) - 1) return false;
    now[tm] = commit ? COMMITTED : ABORTED;
    now[sent] |= commit ? COMMIT_SENT : ABORT_SENT;
    return true;
  };
  return {
    words,
    moves: managers * MOVES_PER_MANAGER + 2,
    sometimes: ['commit', 'abort'],
    begin(key) {
      key.fill(0);
      this.load(key);
    },
    load(key) {
      loaded.set(key);
      now.set(key);
    },
    take(move): Tried {
      const rm = Math.floor(move / MOVES_PER_MANAGER);
      const made =
        rm < managers
          ? managerMove(rm, move % MOVES_PER_MANAGER)
          : coordinatorMove(move === managers * MOVES_PER_MANAGER);
      return made ? MOVED : ABSENT;
    },
    encode(key) {
      key.set(now);
    },
    judge(_isNew, reached): Breach | undefined {
      const states = now.subarray(0, managers);
      if (states.every((state) => state === COMMITTED)) reached.add('commit');
      if (states.every((state) => state === ABORTED)) reached.add('abort');
      if (!states.includes(COMMITTED) || !states.includes(ABORTED)) return undefined;
      return { properties: ['consistent'], message: 'one committed, another aborted' };
    },
    takeBack() {
      now.set(loaded);
    },
    orbit: () => 1,
  };
}
