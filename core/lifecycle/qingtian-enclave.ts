/**
 * A QingTian enclave: its launch pipeline, one state after each step, then its life (user
 * guide: the sequence of error codes 04 05 08 09 10 11 19 20 is the order of the start's steps).
 *
 * Invariant: the only way out of `absent` is `define`, which is somebody's explicit start; so an
 * enclave that ended never comes back by itself (Q32). Size is set by the pipeline and no event
 * changes it in `running`.
 * Trade-off: an ended enclave is `absent`, not "terminated": `query` shows nothing of it either.
 * `stop` before `running` is illegal (QT 28): no starting and terminating at once (b.7).
 */
import { setup } from 'xstate';
import type { EdgeMeta } from './edge-meta.js';

/**
 * `define` … `heartbeat`: a step of the pipeline succeeded. `stepFailed`: the step due next failed.
 * `stop`: the operator's. `crash`: the workload ended, or the enclave died.
 */
export type QingtianEvent =
  | 'define'
  | 'map'
  | 'addMemory'
  | 'loadImage'
  | 'addCpu'
  | 'start'
  | 'heartbeat'
  | 'stepFailed'
  | 'stop'
  | 'crash'
  | 'parentStopped';

/** The ways out of the pipeline: everything is returned. */
function abandoned<Code extends string>(code: Code) {
  return {
    stepFailed: { target: 'absent', description: `${code}: all that was taken is returned.` },
    parentStopped: 'absent',
  } as const;
}

export const qingtianEnclave = setup({
  types: { events: {} as { type: QingtianEvent }, meta: {} as EdgeMeta },
}).createMachine({
  id: 'qingtian-enclave',
  initial: 'absent',
  states: {
    absent: {
      on: {
        define: 'defined',
        stepFailed: {
          target: 'absent',
          description: 'QT 04 capacity or QT 05 define: nothing was taken.',
        },
      },
    },
    defined: { on: { map: 'mapped', ...abandoned('QT 08 mmap') } },
    mapped: { on: { addMemory: 'populated', ...abandoned('QT 09 add memory') } },
    populated: { on: { loadImage: 'loaded', ...abandoned('QT 10 load image') } },
    loaded: { on: { addCpu: 'equipped', ...abandoned('QT 11 add cpu') } },
    equipped: { on: { start: 'starting', ...abandoned('QT 19 start enclave') } },
    starting: { on: { heartbeat: 'running', ...abandoned('QT 20 heartbeat timeout') } },
    running: {
      on: {
        stop: 'absent',
        crash: { target: 'absent', description: 'Restarted by hand only (Q32).' },
        parentStopped: 'absent',
      },
    },
  },
});
