/**
 * Which enclaves a command may move along their lifecycle: only the one it names, in most cases.
 *
 * A stop of one enclave that ends another takes that one along a legal edge, so what is legal of each
 * enclave by itself does not tell it. Invariant: every kind of command has a row, and none is excused
 * that only happens to move nobody today. Trade-off: of the others it is told whether they moved; what
 * those that run have is compared with what they had (lifecycle-legal), the rest is for the invariants of
 * what they own.
 */
import type { Command, CommandKind } from '../host/command.js';

/** A uid; or, of commands that name none: every enclave, only a new one, none at all. */
export type Mover = number | 'any' | 'new' | 'none';

/** `named`: the enclave whose uid or slot is in the command. */
const OF_KIND: Readonly<Record<CommandKind, 'named' | Exclude<Mover, number>>> = {
  // The parent takes all along; nothing comes up again by itself.
  'parent.boot': 'none',
  'parent.stop': 'any',
  'parent.terminate': 'any',
  'parent.crash': 'any',
  'parent.set-online': 'none',
  'nitro.write-pool': 'none',
  'nitro.write-hugepages': 'none',
  'nitro.create-vm': 'new',
  'nitro.add-vcpu': 'named',
  'nitro.image-load-info': 'named',
  'nitro.set-memory': 'named',
  'nitro.start': 'named',
  'nitro.close': 'named',
  // Whatever slot it is about, the driver asks after each that runs, and may believe a wrong answer.
  'nitro.exit-event': 'any',
  'nitro.poll': 'named',
  'nitro.hotplug': 'none',
  'nitro.unbind': 'none',
  'nitro.bind': 'none',
  'nitro.map-foreign': 'none',
  'nitro.map-page': 'none',
  'nitro.touch': 'none',
  'nitro.unmap': 'none',
  'qingtian.reserve': 'none',
  'qingtian.unreserve': 'none',
  'qingtian.define': 'new',
  'qingtian.launch': 'new',
  'qingtian.map': 'named',
  'qingtian.add-memory': 'named',
  'qingtian.load-image': 'named',
  'qingtian.add-cpu': 'named',
  'qingtian.start': 'named',
  'qingtian.heartbeat': 'named',
  'qingtian.stop': 'named',
  'qingtian.crash': 'named',
  'qingtian.console-open': 'named',
  'qingtian.console-read': 'named',
  'qingtian.console-close': 'named',
  'vm.launch': 'new',
  'vm.terminate': 'named',
  'vm.crash': 'named',
};

const MOVERS: ReadonlyMap<string, 'named' | Exclude<Mover, number>> = new Map(
  Object.entries(OF_KIND),
);

/** Whom a command may move; undefined = no kind of command that there is. */
export function moverOf(command: Command): Mover | undefined {
  const whom = MOVERS.get(command.kind);
  if (whom !== 'named') return whom;
  if ('slot' in command) return command.slot;
  return 'uid' in command ? command.uid : 'none';
}

/** Whether a command that moves `mover` may move this enclave; `isNew`: it was not there before. */
export function mayMove(mover: Mover, uid: number, isNew: boolean): boolean {
  if (isNew) return mover === 'new';
  return mover === 'any' || mover === uid;
}
