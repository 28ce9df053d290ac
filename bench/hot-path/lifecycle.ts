/** The compiled transition table beside the XState machine it was compiled from: one round of a life. */
import { createActor, getNextSnapshot } from 'xstate';
import { lifecycle, machines } from '../../core/lifecycle/surfaces.js';
import { ILLEGAL, next, nextIndex } from '../../core/lifecycle/table.js';
import { type Body, secondary, type Work } from './measure.js';

const LIFE = [
  'define',
  'map',
  'addMemory',
  'loadImage',
  'addCpu',
  'start',
  'heartbeat',
  'stop',
] as const;
const LIVES = 128;

export function lifecycleBodies(): readonly Body[] {
  return [
    { name: 'transition: compiled table, by index', prepare: prepareByIndex },
    { name: 'transition: xstate actor.send', prepare: prepareActor },
    ...secondary([
      { name: 'transition: compiled table, by name', prepare: prepareByName },
      { name: 'transition: xstate getNextSnapshot', prepare: prepareNextSnapshot },
    ]),
  ];
}

function prepareByIndex(): Work {
  const table = lifecycle.qingtianEnclave();
  const columns = LIFE.map((event) => table.eventIndex.get(event) ?? ILLEGAL);
  const absent = table.stateIndex.get('absent') ?? ILLEGAL;
  return {
    batch: LIVES * LIFE.length,
    run: () => {
      let state = absent;
      for (let life = 0; life < LIVES; life++) {
        for (const column of columns) state = nextIndex(table, state, column);
      }
      mustBe(state === absent);
    },
  };
}

function prepareByName(): Work {
  const table = lifecycle.qingtianEnclave();
  return {
    batch: LIVES * LIFE.length,
    run: () => {
      let state: (typeof table.states)[number] | undefined = 'absent';
      for (let life = 0; life < LIVES; life++) {
        for (const event of LIFE) if (state !== undefined) state = next(table, state, event);
      }
      mustBe(state === 'absent');
    },
  };
}

function prepareActor(): Work {
  const actor = createActor(machines.qingtianEnclave);
  actor.start();
  return {
    batch: LIFE.length,
    run: () => {
      for (const type of LIFE) actor.send({ type });
      mustBe(actor.getSnapshot().value === 'absent');
    },
  };
}

function prepareNextSnapshot(): Work {
  const actor = createActor(machines.qingtianEnclave);
  actor.start();
  const absent = actor.getSnapshot();
  return {
    batch: LIFE.length,
    run: () => {
      let snapshot = absent;
      for (const type of LIFE)
        snapshot = getNextSnapshot(machines.qingtianEnclave, snapshot, { type });
      mustBe(snapshot.value === 'absent');
    },
  };
}

function mustBe(holds: boolean): void {
  if (!holds) throw new Error('a life did not end where it began');
}
