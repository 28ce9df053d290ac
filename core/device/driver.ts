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
import { DEVICE_FILE, FILE_RULES, fileOf, REQUEST } from './driver-file.js';

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

/** The driver of a live host of the Nitro profile. */
export function openDriver(host: Host): Driver {
  const faults = createPendingFaults();
  const run = (command: Command) => runCommand(host, faults, command);
  const request = (fd: number, number: number, make: RequestMaker) => {
    const file = fileOf(host, fd);
    const refusal = firstRefusal(FILE_RULES, { fd, file, request: number });
    if (refusal !== undefined) return { rc: rcOf(refusal), refusal, effects: NOTHING };
    return run(make(typeof file === 'object' ? file.slot : -1));
  };
  const onEnclave = (fd: number, make: RequestMaker) => {
    const file = fileOf(host, fd);
    const refusal = firstRefusal(FILE_RULES, { fd, file, request: undefined });
    if (refusal !== undefined) return { rc: rcOf(refusal), refusal, effects: NOTHING };
    return run(make(typeof file === 'object' ? file.slot : -1));
  };
  return {
    setCpuPool: (text, { cap } = {}) =>
      run({ kind: 'nitro.write-pool', text, capable: cap !== false }),
    createVm: (options) => request(DEVICE_FILE, REQUEST.createVm, makeCreateVm(options)),
    addVcpu: (fd, id, options) => request(fd, REQUEST.addVcpu, makeAddVcpu(id, options)),
    getImageLoadInfo: (fd, flags, options) =>
      request(fd, REQUEST.imageLoadInfo, makeImageLoadInfo(flags, options)),
    mmap: (address, pageBytes, node, huge, runs) =>
      run({ kind: 'nitro.map-foreign', task: 0, address, pageBytes, node, huge, runs }),
    munmap: (address) => run({ kind: 'nitro.unmap', address }),
    setUserMemoryRegion: (fd, flags, address, bytes, options) =>
      request(fd, REQUEST.setMemory, makeSetMemory(flags, address, bytes, options)),
    startEnclave: (fd, cid, flags, options) =>
      request(fd, REQUEST.start, makeStart(cid, flags, options)),
    close: (fd) => onEnclave(fd, (slot) => ({ kind: 'nitro.close', slot })),
    exitEvent: (slot, state) => run({ kind: 'nitro.exit-event', slot, state }),
    poll: (fd) => onEnclave(fd, (slot) => ({ kind: 'nitro.poll', slot })),
    ioctl: (fd, number, options) => request(fd, number, zeroArgument(number, options)),
    failNext: (kind, errno, k) => {
      faults.order(kind, errno, k);
      return OK;
    },
    cpuHotplug: (cpu, online) => run({ kind: 'nitro.hotplug', cpu, online }),
    pciRemove: () => run({ kind: 'nitro.unbind' }),
    pciProbe: () => run({ kind: 'nitro.bind' }),
  };
}

/** Makes the command once the slot is known; -1 = the device file. */
type RequestMaker = (slot: number) => Command;

function makeCreateVm({ mm = 0, fault }: CallOptions = {}): RequestMaker {
  return () => ({ kind: 'nitro.create-vm', task: mm, ...faulty(fault) });
}

function makeAddVcpu(cpu: number, { mm = 0, fault }: CallOptions = {}): RequestMaker {
  return (slot) => ({ kind: 'nitro.add-vcpu', slot, task: mm, cpu, ...faulty(fault) });
}

function makeImageLoadInfo(flags: U64, { fault }: CallOptions = {}): RequestMaker {
  return (slot) => ({
    kind: 'nitro.image-load-info',
    slot,
    flags: BigInt(flags),
    ...faulty(fault),
  });
}

function makeSetMemory(
  flags: U64,
  address: U64,
  bytes: U64,
  { mm = 0, fault }: CallOptions = {},
): RequestMaker {
  return (slot) => ({
    kind: 'nitro.set-memory',
    slot,
    task: mm,
    flags: BigInt(flags),
    address: BigInt(address),
    bytes: BigInt(bytes),
    ...faulty(fault),
  });
}

function makeStart(cid: U64, flags: U64, { fault }: CallOptions = {}): RequestMaker {
  return (slot) => ({
    kind: 'nitro.start',
    slot,
    cid: BigInt(cid),
    flags: BigInt(flags),
    ...faulty(fault),
  });
}

/** The command of a raw request; numbers no file knows were refused before. */
function zeroArgument(number: number, options?: CallOptions): RequestMaker {
  if (number === REQUEST.createVm) return makeCreateVm(options);
  if (number === REQUEST.addVcpu) return makeAddVcpu(0, options);
  if (number === REQUEST.imageLoadInfo) return makeImageLoadInfo(0, options);
  return number === REQUEST.setMemory ? makeSetMemory(0, 0, 0, options) : makeStart(0, 0, options);
}

function faulty(fault: CopyFault | undefined): { readonly fault?: CopyFault } {
  return fault === undefined ? {} : { fault };
}

function runCommand(host: Host, faults: PendingFaults, command: Command): DriverAnswer {
  const answers = faults.answers();
  const full = answers === undefined ? command : ({ ...command, answers } as Command);
  const { effects, facts, refusal } = runInPlace(host, full);
  faults.settle(facts.calls);
  const rc = facts.rc ?? 0;
  return refusal === undefined ? { ...facts, rc, effects } : { ...facts, rc, effects, refusal };
}
