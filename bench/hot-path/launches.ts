/**
 * One launch and termination through the host: changed in place, which the capacity engine pays, and
 * under Immer with patches, which time travel pays; beside them two bare loops, without rules and with.
 *
 * Invariant: each starts from the same host and ends where it began. Trade-off: one host of one node,
 * so what is measured is the rules and not the search for a host.
 */
import type { QingtianCommand } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace, runWhole, step } from '../../core/host/step.js';
import { pickCores } from '../../core/platform/qingtian/pool-supply.js';
import { launchAndTerminateBare } from './bare-launch.js';
import {
  fortyEightCores,
  LAUNCH,
  launchAndTerminate,
  launchStepwise,
} from './forty-eight-cores.js';
import { type Body, secondary, type Work } from './measure.js';
import { launchAndTerminateRuled } from './ruled-launch.js';

const LAUNCHES = 16;
const PICKS = 256;
/** A whole life passes through some hundred functions; a second of the quick bench compiles them. */
const WARM_UP = 30;

type Run = (host: Host, command: QingtianCommand) => Decision;
type Once = typeof launchAndTerminate;

export function launchBodies(): readonly Body[] {
  return [
    { name: 'launch + terminate, in place', prepare: prepareInPlace },
    ...secondary([
      {
        name: 'launch + terminate, in place, step by step',
        prepare: () => inPlace(launchStepwise, runInPlace),
      },
    ]),
    { name: 'launch + terminate, under Immer', prepare: () => underImmer(launchAndTerminate) },
    ...secondary([
      {
        name: 'launch + terminate, under Immer, step by step',
        prepare: () => underImmer(launchStepwise),
      },
    ]),
    { name: 'launch + terminate, a bare loop', prepare: () => looped(launchAndTerminateBare()) },
    {
      name: 'launch + terminate, a bare loop with the rules',
      prepare: () => looped(launchAndTerminateRuled()),
    },
    { name: 'cpu picking: 4 vCPUs of a pool of 60 CPUs', prepare: preparePicking },
  ];
}

export function prepareInPlace(): Work {
  return inPlace(launchAndTerminate, runWhole);
}

function inPlace(once: Once, run: Run): Work {
  const host = fortyEightCores();
  const take = (command: QingtianCommand) => run(host, command);
  return {
    batch: LAUNCHES,
    warmUp: WARM_UP,
    run: () => {
      for (let i = 0; i < LAUNCHES; i++) once(take);
    },
  };
}

function underImmer(once: Once): Work {
  let host = fortyEightCores();
  const take = (command: QingtianCommand) => {
    const stepped = step(host, command);
    host = stepped.host;
    return stepped.decision;
  };
  return { batch: 1, run: () => once(take) };
}

function looped(once: () => void): Work {
  return {
    batch: LAUNCHES,
    run: () => {
      for (let i = 0; i < LAUNCHES; i++) once();
    },
  };
}

function preparePicking(): Work {
  const host = fortyEightCores();
  return {
    batch: PICKS,
    run: () => {
      for (let i = 0; i < PICKS; i++) {
        if (pickCores(host, 0, LAUNCH.vcpus) === undefined) throw new Error('no cores');
      }
    },
  };
}
