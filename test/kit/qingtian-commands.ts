/**
 * Random QingTian commands: mostly the next step of some launch, sometimes anything at all.
 *
 * Invariant: every kind of QingTian and parent command can be drawn, refused ones included.
 */

import type {
  Command,
  QingtianCommand,
  QingtianConf,
  QingtianRequest,
} from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import type { LifecycleState } from '../../core/lifecycle/states.js';
import { type Intent, pick, rarely, unknownChoice, type Weights } from './intents.js';
import { parentCommand, switchCommand } from './parent-commands.js';

export type QingtianChoice =
  | 'reserve'
  | 'unreserve'
  | 'define'
  | 'advance'
  | 'any-step'
  | 'stop'
  | 'crash'
  | 'console'
  | 'parent'
  | 'switch';

export const QINGTIAN_WEIGHTS: Weights<QingtianChoice> = {
  reserve: 3,
  unreserve: 1,
  define: 8,
  advance: 40,
  'any-step': 3,
  stop: 4,
  crash: 2,
  console: 2,
  parent: 1,
  switch: 2,
};

const NEXT_STEP: Partial<Record<LifecycleState, UidKind>> = {
  defined: 'qingtian.map',
  mapped: 'qingtian.add-memory',
  populated: 'qingtian.load-image',
  loaded: 'qingtian.add-cpu',
  equipped: 'qingtian.start',
  starting: 'qingtian.heartbeat',
};

type UidKind = Extract<QingtianCommand, { readonly uid: number }>['kind'];

const STEPS = Object.values(NEXT_STEP);
const CONSOLE = [
  'qingtian.console-open',
  'qingtian.console-read',
  'qingtian.console-close',
] as const;
const MIB = 1024 * 1024;
/** Of 16 CPUs, cores being n and n + 8: whole cores, half ones, CPU 0's, and one named twice. */
const CPU_LISTS = [[1, 2, 9, 10], [2, 9, 10], [9, 10], [10], [0, 8], [1, 9, 9]] as const;

export function qingtianCommand(host: Host, intent: Intent<QingtianChoice>): Command {
  const [a, b, c, d] = intent.draws;
  const order = uidsOf(host.tree);
  const uid = pick(order, a) ?? 0;
  // One step in twelve fails below the rules.
  const accepted = !rarely(d, 12);
  switch (intent.choice) {
    case 'reserve':
      return { kind: 'qingtian.reserve', conf: confOf(a, b, c, d) };
    case 'unreserve':
      return { kind: 'qingtian.unreserve' };
    case 'define':
      return defineCommand(host, a, b, c, d);
    case 'advance': {
      const waiting = order.filter((live) => NEXT_STEP[theRecord(host.tree, live).state]);
      const due = pick(waiting, a);
      const step = due === undefined ? undefined : NEXT_STEP[theRecord(host.tree, due).state];
      if (due === undefined || step === undefined) return defineCommand(host, a, b, c, d);
      return { kind: step, uid: due, accepted };
    }
    case 'any-step':
      return { kind: pick(STEPS, b) ?? 'qingtian.map', uid, accepted };
    case 'stop':
      return { kind: 'qingtian.stop', uid, accepted };
    case 'crash':
      return { kind: 'qingtian.crash', uid };
    case 'console':
      return { kind: CONSOLE[b % CONSOLE.length], uid, accepted };
    case 'parent':
      return parentCommand(host, b);
    case 'switch':
      return switchCommand(host, a, b);
    default:
      throw unknownChoice(intent.choice, QINGTIAN_WEIGHTS);
  }
}

function confOf(a: number, b: number, c: number, d: number): QingtianConf {
  const hugepageSizeMib = a % 4 === 0 ? 1024 : 2;
  const memoryMib = hugepageSizeMib === 2 ? 2 * (32 + (b % 600)) : 1024 * (1 + (b % 2));
  if (rarely(d, 4)) return { hugepageSizeMib, memoryMib, cpuList: CPU_LISTS[c % CPU_LISTS.length] };
  return { hugepageSizeMib, memoryMib, cpuCount: 2 + (c % 6) };
}

function defineCommand(host: Host, a: number, b: number, c: number, d: number): Command {
  if (host.tree.parent !== 'running') return { kind: 'parent.boot' };
  if (host.tree.reservation.state !== 'active') {
    return { kind: 'qingtian.reserve', conf: confOf(a, b, c, d) };
  }
  const page = host.tree.reservation.pageKib / 1024;
  const memoryMib = rarely(c, 9) ? 1 + (b % 700) : Math.max(page, 2 * (60 + (b % 80)));
  const request: QingtianRequest = {
    image: {
      bytes: (1 + (d % 40)) * MIB,
      sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
      os: rarely(d, 40) ? 'other' : 'linux',
      kind: rarely(d, 50) ? 'container' : 'eif',
    },
    vcpus: rarely(a, 7) ? a % 9 : 2 * (1 + (a % 2)),
    memoryMib: page === 1024 && !rarely(c, 9) ? 1024 * (1 + (b % 2)) : memoryMib,
    cid: 3 + (c % 5),
    debug: d % 2 === 0,
    defaulted: [],
  };
  // One launch in five is one command, with nobody in between.
  if (rarely(a >>> 3, 5)) return { kind: 'qingtian.launch', request };
  return {
    kind: 'qingtian.define',
    request,
    ...(rarely(d, 30) ? { capacity: false } : {}),
    ...(rarely(d, 31) ? { accepted: false } : {}),
  };
}
