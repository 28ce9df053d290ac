/**
 * The surface of the Nitro driver as a process sees it: file numbers, ioctls, module parameter,
 * and the knobs of a test bench (ordered faults, CPU hotplug, unbinding the device).
 *
 * Drives one live host in place. Invariant: file checks come before anything else, and every
 * change of the host is a command that a journal can hold. Trade-off: u64 arguments are bigint
 * here; numbers that fit are taken too.
 */
import type { AnswerKind, Command, CopyFault } from '../host/command.js';
import type { Facts } from '../host/decision.js';
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { runInPlace } from '../host/step.js';
import { rcOf } from '../platform/nitro/errors.js';
import { firstRefusal } from '../platform/rule.js';
import type { Refusal } from '../refusal/refusal.js';
import { createPendingFaults, type PendingFaults } from './driver-faults.js';
import { FILE_RULES, fileOf, REQUEST } from './driver-file.js';

/** What a call returned; `rc` as the kernel returns it: ≥ 0, or a negative error number. */
export interface DriverAnswer extends Facts {
  readonly rc: number;
  readonly refusal?: Refusal;
  /** What the call changed on the host, in order; [] = nothing. */
  readonly effects: readonly Effect[];
}

export interface CallOptions {
  /** The calling process (address space); 0 by default. */
  readonly mm?: number;
  /** Which copy from or to user memory fails. */
  readonly fault?: CopyFault;
  /** False: the caller lacks CAP_SYS_ADMIN. */
  readonly cap?: boolean;
}

/** Physical runs of a mapping: [first physical address, pages]. */
export type PhysicalRuns = readonly (readonly [phys: number, count: number])[];

type U64 = bigint | number;

export interface Driver {
  /** `text`: the exact bytes handed to the ne_cpus parameter. */
  setCpuPool(text: string, options?: CallOptions): DriverAnswer;
  createVm(options?: CallOptions): DriverAnswer;
  /** `id` 0 = any. */
  addVcpu(fd: number, id: number, options?: CallOptions): DriverAnswer;
  getImageLoadInfo(fd: number, flags: U64, options?: CallOptions): DriverAnswer;
  mmap(
    address: number,
    pageBytes: number,
    node: number,
    huge: boolean,
    runs: PhysicalRuns,
  ): DriverAnswer;
  munmap(address: number): DriverAnswer;
  setUserMemoryRegion(
    fd: number,
    flags: U64,
    address: U64,
    bytes: U64,
    options?: CallOptions,
  ): DriverAnswer;
  startEnclave(fd: number, cid: U64, flags: U64, options?: CallOptions): DriverAnswer;
  close(fd: number): DriverAnswer;
  /** The hypervisor changes a slot's state (65535 stopped, 2 running) and raises the event. */
  exitEvent(slot: number, state: number): DriverAnswer;
  poll(fd: number): DriverAnswer;
  /** A raw request of magic 0xAE with an all-zero argument. */
  ioctl(fd: number, request: number, options?: CallOptions): DriverAnswer;
  failNext(kind: AnswerKind, errno: number, k: number): DriverAnswer;
  cpuHotplug(cpu: number, online: boolean): DriverAnswer;
  pciRemove(): DriverAnswer;
  pciProbe(): DriverAnswer;
}

const NOTHING: readonly Effect[] = [];
const OK: DriverAnswer = { rc: 0, effects: NOTHING };
const DEFAULTS: CallOptions = {};
/** Stands for the device's own file where a slot is expected. */
const DEVICE_SLOT = -1;

/** The driver of a live host of the Nitro profile. */
export function openDriver(host: Host): Driver {
  const faults = createPendingFaults();
  const run = (command: Command) => runCommand(host, faults, command);
  return {
    setCpuPool: (text, { cap } = DEFAULTS) =>
      run({ kind: 'nitro.write-pool', text, capable: cap !== false }),
    // On the device's own file, which is always open.
    createVm: (options) => run(createVm(options)),
    addVcpu: (fd, id, options) => {
      const slot = slotOf(host, fd, REQUEST.addVcpu);
      return typeof slot === 'number' ? run(addVcpu(slot, id, options)) : slot;
    },
    getImageLoadInfo: (fd, flags, options) => {
      const slot = slotOf(host, fd, REQUEST.imageLoadInfo);
      return typeof slot === 'number' ? run(imageLoadInfo(slot, flags, options)) : slot;
    },
    mmap: (address, pageBytes, node, huge, runs) =>
      run({ kind: 'nitro.map-foreign', task: 0, address, pageBytes, node, huge, runs }),
    munmap: (address) => run({ kind: 'nitro.unmap', address }),
    setUserMemoryRegion: (fd, flags, address, bytes, options) => {
      const slot = slotOf(host, fd, REQUEST.setMemory);
      return typeof slot === 'number' ? run(setMemory(slot, flags, address, bytes, options)) : slot;
    },
    startEnclave: (fd, cid, flags, options) => {
      const slot = slotOf(host, fd, REQUEST.start);
      return typeof slot === 'number' ? run(start(slot, cid, flags, options)) : slot;
    },
    close: (fd) => {
      const slot = slotOf(host, fd, undefined);
      return typeof slot === 'number' ? run({ kind: 'nitro.close', slot }) : slot;
    },
    exitEvent: (slot, state) => run({ kind: 'nitro.exit-event', slot, state }),
    poll: (fd) => {
      const slot = slotOf(host, fd, undefined);
      return typeof slot === 'number' ? run({ kind: 'nitro.poll', slot }) : slot;
    },
    ioctl: (fd, request, options) => {
      const slot = slotOf(host, fd, request);
      return typeof slot === 'number' ? run(zeroArgument(request, slot, options)) : slot;
    },
    failNext: (kind, errno, k) => {
      faults.order(kind, errno, k);
      return OK;
    },
    cpuHotplug: (cpu, online) => run({ kind: 'nitro.hotplug', cpu, online }),
    pciRemove: () => run({ kind: 'nitro.unbind' }),
    pciProbe: () => run({ kind: 'nitro.bind' }),
  };
}

/** The slot of a file that knows the request, or the answer of the file itself: a refusal. */
function slotOf(host: Host, fd: number, request: number | undefined): number | DriverAnswer {
  const file = fileOf(host, fd);
  const refusal = firstRefusal(FILE_RULES, { fd, file, request });
  if (refusal !== undefined) return { rc: rcOf(refusal), refusal, effects: NOTHING };
  return typeof file === 'object' ? file.slot : DEVICE_SLOT;
}

function createVm({ mm = 0, fault }: CallOptions = DEFAULTS): Command {
  return faulty({ kind: 'nitro.create-vm', task: mm }, fault);
}

function addVcpu(slot: number, cpu: number, { mm = 0, fault }: CallOptions = DEFAULTS): Command {
  return faulty({ kind: 'nitro.add-vcpu', slot, task: mm, cpu }, fault);
}

function imageLoadInfo(slot: number, flags: U64, { fault }: CallOptions = DEFAULTS): Command {
  return faulty({ kind: 'nitro.image-load-info', slot, flags: BigInt(flags) }, fault);
}

function setMemory(
  slot: number,
  flags: U64,
  address: U64,
  bytes: U64,
  { mm = 0, fault }: CallOptions = DEFAULTS,
): Command {
  const command = {
    kind: 'nitro.set-memory',
    slot,
    task: mm,
    flags: BigInt(flags),
    address: BigInt(address),
    bytes: BigInt(bytes),
  } as const;
  return faulty(command, fault);
}

function start(slot: number, cid: U64, flags: U64, { fault }: CallOptions = DEFAULTS): Command {
  return faulty({ kind: 'nitro.start', slot, cid: BigInt(cid), flags: BigInt(flags) }, fault);
}

/** The command of a raw request; numbers no file knows were refused before. */
function zeroArgument(request: number, slot: number, options?: CallOptions): Command {
  switch (request) {
    case REQUEST.createVm:
      return createVm(options);
    case REQUEST.addVcpu:
      return addVcpu(slot, 0, options);
    case REQUEST.imageLoadInfo:
      return imageLoadInfo(slot, 0, options);
    case REQUEST.setMemory:
      return setMemory(slot, 0, 0, 0, options);
    default:
      return start(slot, 0, 0, options);
  }
}

function faulty(command: Command, fault: CopyFault | undefined): Command {
  return fault === undefined ? command : ({ ...command, fault } as Command);
}

function runCommand(host: Host, faults: PendingFaults, command: Command): DriverAnswer {
  const answers = faults.answers();
  const full = answers === undefined ? command : ({ ...command, answers } as Command);
  const { effects, facts, refusal } = runInPlace(host, full);
  faults.settle(facts.calls);
  // The facts are of this one decision and nobody else's, so they become the answer: copying them
  // costs more than the call.
  const answer: { -readonly [K in keyof DriverAnswer]?: DriverAnswer[K] } = facts;
  answer.rc ??= 0;
  answer.effects = effects;
  if (refusal !== undefined) answer.refusal = refusal;
  return answer as DriverAnswer;
}
