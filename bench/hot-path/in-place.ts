/** One launch and termination through the host, changed in place: what the capacity engine pays. */
import type { Runner } from '../../core/host/program.js';
import { runInPlace, runWhole } from '../../core/host/step.js';
import { pickCores } from '../../core/platform/qingtian/pool-supply.js';
import {
  fortyEightCores,
  LAUNCH,
  launchAndTerminate,
  launchStepwise,
} from './forty-eight-cores.js';
import type { Body } from './measure.js';

const LAUNCHES = 16;
const PICKS = 256;
/** A whole life passes through some hundred functions; a second of the quick bench compiles them. */
const WARM_UP = 10;

export function inPlaceBodies(): Body[] {
  const host = fortyEightCores();
  const launches = (name: string, once: typeof launchAndTerminate, run: Runner): Body => ({
    name,
    batch: LAUNCHES,
    warmUp: WARM_UP,
    run: () => {
      for (let i = 0; i < LAUNCHES; i++) once((command) => run(host, command));
    },
  });
  return [
    launches('launch + terminate, in place', launchAndTerminate, runWhole),
    launches('launch + terminate, in place, step by step', launchStepwise, runInPlace),
    {
      name: 'cpu picking: 4 vCPUs of a pool of 60 CPUs',
      batch: PICKS,
      run: () => {
        for (let i = 0; i < PICKS; i++) {
          if (pickCores(host, 0, LAUNCH.vcpus) === undefined) throw new Error('no cores');
        }
      },
    },
  ];
}
