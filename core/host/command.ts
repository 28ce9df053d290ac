/**
 * Commands: one step each, as the platform itself takes it.
 *
 * A launch is a program of such steps (platform/<name>/program); run at once by a scenario,
 * interleaved by the explorer and by concurrent timelines. Everything the outside world answers is
 * part of the command (`answers`): what the hypervisor refuses, which copy from user memory fails,
 * whether the heartbeat came. So a command and a host decide alone, and a journal of commands replays.
 */

/** Hypervisor requests and kernel calls that can be made to fail, by the name the driver uses. */
export type AnswerKind =
  | 'SLOT_ALLOC'
  | 'SLOT_ADD_VCPU'
  | 'SLOT_ADD_MEM'
  | 'ENCLAVE_START'
  | 'ENCLAVE_STOP'
  | 'SLOT_FREE'
  | 'SLOT_INFO'
  | 'CPU_OFFLINE'
  | 'CPU_ONLINE'
  | 'GUP'
  | 'FD'
  | 'ANON_INODE';

/** The `nth` call of a kind inside this command (1 = first) fails with `errno` (positive). */
export interface Answer {
  readonly nth: number;
  readonly errno: number;
}

export type Answers = Readonly<Partial<Record<AnswerKind, Answer>>>;

/** Which copy between user memory and the driver fails. */
export type CopyFault = 'in' | 'out';

/** The parent VM's own life. `stop` ends every enclave first. */
export type ParentCommand =
  | { readonly kind: 'parent.boot' | 'parent.stop' | 'parent.terminate' | 'parent.crash' }
  /** The administrator switches a CPU (Nitro has the driver's own step, nitro.hotplug). */
  | { readonly kind: 'parent.set-online'; readonly cpu: number; readonly online: boolean };

// ---------------------------------------------------------------- Nitro (driver 1.5.0)

export type NitroCommand =
  /** Write to the ne_cpus parameter (§2). `capable: false` = caller lacks CAP_SYS_ADMIN. */
  | {
      readonly kind: 'nitro.write-pool';
      readonly text: string;
      readonly capable?: boolean;
      readonly answers?: Answers;
    }
  /** Write to one node's nr_hugepages (sysfs): the exact text. */
  | {
      readonly kind: 'nitro.write-hugepages';
      readonly node: number;
      readonly pageKib: number;
      readonly text: string;
    }
  | {
      readonly kind: 'nitro.create-vm';
      readonly task: number;
      readonly fault?: CopyFault;
      readonly answers?: Answers;
    }
  | {
      readonly kind: 'nitro.add-vcpu';
      readonly slot: number;
      readonly task: number;
      /** 0 = pick one. */
      readonly cpu: number;
      readonly fault?: CopyFault;
      readonly answers?: Answers;
    }
  | {
      readonly kind: 'nitro.image-load-info';
      readonly slot: number;
      readonly flags: bigint;
      readonly fault?: CopyFault;
    }
  | {
      readonly kind: 'nitro.set-memory';
      readonly slot: number;
      readonly task: number;
      readonly flags: bigint;
      readonly address: bigint;
      readonly bytes: bigint;
      readonly fault?: CopyFault;
      readonly answers?: Answers;
    }
  | {
      readonly kind: 'nitro.start';
      readonly slot: number;
      readonly cid: bigint;
      readonly flags: bigint;
      readonly fault?: CopyFault;
      readonly answers?: Answers;
    }
  | { readonly kind: 'nitro.close'; readonly slot: number; readonly answers?: Answers }
  /** The hypervisor changes the slot's state and raises the event interrupt (2 = running). */
  | {
      readonly kind: 'nitro.exit-event';
      readonly slot: number;
      readonly state: number;
      readonly answers?: Answers;
    }
  | { readonly kind: 'nitro.poll'; readonly slot: number }
  | { readonly kind: 'nitro.hotplug'; readonly cpu: number; readonly online: boolean }
  | { readonly kind: 'nitro.unbind' | 'nitro.bind' }
  /** Maps memory that is not of this host's stores: [phys, count] runs given by the caller. */
  | {
      readonly kind: 'nitro.map-foreign';
      readonly task: number;
      readonly address: number;
      readonly pageBytes: number;
      readonly huge: boolean;
      readonly node: number;
      readonly runs: readonly (readonly [number, number])[];
    }
  /** One anonymous private hugetlb page: reserved now, placed on a node at first touch. */
  | { readonly kind: 'nitro.map-page'; readonly task: number; readonly pageKib: number }
  /** First touch of the mapping at `address` from `localNode`. */
  | { readonly kind: 'nitro.touch'; readonly address: number; readonly localNode: number }
  | { readonly kind: 'nitro.unmap'; readonly address: number };

// ---------------------------------------------------------------- QingTian (user guide 2022-10)

/** qt-enclave-env.conf as read; every value as written, so that a wrong one can be refused. */
export interface QingtianConf {
  readonly hugepageSizeMib?: number;
  readonly memoryMib?: number;
  readonly cpuCount?: number;
  /** CPU ids. */
  readonly cpuList?: readonly number[];
}

/** The enclave image, as far as the rules look at it. */
export interface EnclaveImage {
  readonly bytes: number;
  /** Sections present; all four are needed (Q24). */
  readonly sections: readonly ImageSection[];
  readonly os: 'linux' | 'other';
  /** A container image that no make-img step has turned into an EIF (B07). */
  readonly kind: 'eif' | 'container';
}

export type ImageSection = 'kernel' | 'cmdline' | 'ramdisk' | 'init';

/** `qt enclave start` with defaults filled in; `defaulted` says which (Q15). */
export interface QingtianRequest {
  readonly image: EnclaveImage;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly cid: number;
  readonly debug: boolean;
  readonly defaulted: readonly string[];
}

/** How the step ended below the rules: false = the sandbox, kernel or enclave refused. */
export type Accepted = boolean;

/** 08 mmap · 09 add memory · 10 load image · 11 add cpu · 19 start · 20 heartbeat. */
export type PipelineKind =
  | 'qingtian.map'
  | 'qingtian.add-memory'
  | 'qingtian.load-image'
  | 'qingtian.add-cpu'
  | 'qingtian.start'
  | 'qingtian.heartbeat';

export type QingtianCommand =
  /** Start of the service qt-enclave-env. */
  | { readonly kind: 'qingtian.reserve'; readonly conf: QingtianConf }
  /** Stop of the service: the pool goes back to the parent. */
  | { readonly kind: 'qingtian.unreserve' }
  /** Steps 04 (capacity) and 05 (define): every start rule in declared order. */
  | {
      readonly kind: 'qingtian.define';
      readonly request: QingtianRequest;
      readonly capacity?: Accepted;
      readonly accepted?: Accepted;
    }
  /** The whole start at once, when nobody comes in between (the engine's way). */
  | { readonly kind: 'qingtian.launch'; readonly request: QingtianRequest }
  | { readonly kind: PipelineKind; readonly uid: number; readonly accepted?: Accepted }
  | {
      readonly kind:
        | 'qingtian.stop'
        | 'qingtian.crash'
        | 'qingtian.console-open'
        | 'qingtian.console-read'
        | 'qingtian.console-close';
      readonly uid: number;
      readonly accepted?: Accepted;
    };

// ---------------------------------------------------------------- vm (no carve-out)

export type VmCommand =
  | {
      readonly kind: 'vm.launch';
      readonly vcpus: number;
      readonly memoryMib: number;
      /** NUMA nodes the VM must be split over evenly (1 or more). */
      readonly nodes: number;
      /** Nodes proposed by placement, in order; absent = lowest that fit. */
      readonly on?: readonly number[];
      /** May span nodes as it likes (NUMA-blind). */
      readonly blind?: boolean;
    }
  | { readonly kind: 'vm.terminate' | 'vm.crash'; readonly uid: number };

export type Command = ParentCommand | NitroCommand | QingtianCommand | VmCommand;
export type CommandKind = Command['kind'];
/** The command of one kind. */
export type CommandOf<K extends CommandKind> = OfKind<Command, K>;

/** Distributes, since some members of `Command` share one shape among several kinds. */
type OfKind<C, K> = C extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? C & { readonly kind: K }
    : never
  : never;
