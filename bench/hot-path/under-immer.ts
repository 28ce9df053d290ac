/** The same launch and termination under Immer with patches: what time travel pays. */
import { step } from '../../core/host/step.js';
import { fortyEightCores, launchAndTerminate, launchStepwise } from './forty-eight-cores.js';
import type { Body } from './measure.js';

export function underImmerBodies(): Body[] {
  let host = fortyEightCores();
  const launch = (name: string, once: typeof launchAndTerminate): Body => ({
    name,
    batch: 1,
    run: () =>
      once((command) => {
        const stepped = step(host, command);
        host = stepped.host;
        return stepped.decision;
      }),
  });
  return [
    launch('launch + terminate, under Immer', launchAndTerminate),
    launch('launch + terminate, under Immer, step by step', launchStepwise),
  ];
}
