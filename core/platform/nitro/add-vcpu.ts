/**
 * ADD_VCPU: one vCPU to an enclave, id 0 = "pick one" (nitro RULES.md §1.5).
 *
 * The first vCPU of a core moves the whole core from the pool to the enclave, before the caller's
 * address space and the hypervisor are asked; if those refuse, the enclave keeps the core (quirk
 * `core-kept`). Invariant: cores move whole, at one index.
 */
import type { CommandOf } from '../../host/command.js';
import { coreAt } from '../../host/cores.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import type { CpuPool, Enclave } from '../../host/tree.js';
import { firstRefusal, type Outcome, PASS, type Rule, refuse } from '../rule.js';
import { ask } from './ask.js';
import { type Call, done, refused } from './call.js';
import { COPY_IN, COPY_OUT, CREATOR, type FileContext, IN_INIT, onFile } from './file.js';
import { driverRow } from './row.js';

type AddVcpu = CommandOf<'nitro.add-vcpu'>;

/** What the rows look at, the choice that they judge included. */
interface Context extends FileContext<AddVcpu> {
  /** Undefined = nothing fits. */
  readonly choice: VcpuChoice | undefined;
}

/** Where the vCPU comes from: a core the enclave owns (index -1), or a core of the pool. */
export interface VcpuChoice {
  readonly cpu: number;
  /** Core index to take from the pool; -1 = none needed. */
  readonly index: number;
}

/** The call as its rows see it: with the driver's choice, which ignores whether its index is legal. */
export function vcpuContext({ host, enclave, command }: FileContext<AddVcpu>): Context {
  const { avail } = host.tree.pool;
  const { cpu } = command;
  const choice = cpu === 0 ? anyVcpu(avail, enclave) : namedVcpu(avail, enclave, cpu);
  return { host, enclave, command, choice };
}

function namedVcpu(avail: CpuPool['avail'], { cores }: Enclave, cpu: number) {
  for (const owned of cores) if (owned.cpus.includes(cpu)) return { cpu, index: -1 };
  for (let index = 0; index < avail.length; index++) {
    if (avail[index].includes(cpu)) return { cpu, index };
  }
  return undefined;
}

function anyVcpu(avail: CpuPool['avail'], { cores, vcpus }: Enclave): VcpuChoice | undefined {
  for (const { cpus } of cores) {
    for (const cpu of cpus) if (!vcpus.includes(cpu)) return { cpu, index: -1 };
  }
  for (let index = 0; index < avail.length; index++) {
    if (avail[index].length === 0) continue;
    return { cpu: Math.min(...avail[index], ...(coreAt(cores, index) ?? [])), index };
  }
  return undefined;
}

/** Before the core moves. */
export const ADD_VCPU_RULES: readonly Rule<Context>[] = [
  COPY_IN,
  IN_INIT,
  driverRow({
    // Quirk `pool-odd-last-cpu`: cores × threads is rounded down.
    id: 'vcpu-id-range',
    sentence: 'The id is below cores × threads of the pool.',
    source: '§1.5 ADD_VCPU 3',
    number: 271,
    remedy: 'Use an id of the CPU pool.',
    check: ({ enclave, command }) => {
      const bound = enclave.parentCores * enclave.threadsPerCore;
      const { cpu } = command;
      return cpu < bound ? PASS : refuse({ cpu, bound }, `vCPU ${cpu} is not below ${bound}`);
    },
  }),
  driverRow({
    id: 'vcpu-not-used',
    sentence: 'A vCPU is added once.',
    source: '§1.5 ADD_VCPU 4c',
    number: 256,
    remedy: 'Use another id, or 0 for any.',
    check: ({ enclave, command }) =>
      enclave.vcpus.includes(command.cpu)
        ? refuse({ cpu: command.cpu }, `vCPU ${command.cpu} is already added`)
        : PASS,
  }),
  driverRow({
    id: 'vcpu-in-pool',
    sentence: 'A named id is in an available core of the pool, or in a core of this enclave.',
    source: '§1.5 ADD_VCPU 4e; finding 11',
    number: 257,
    requirements: ['N12'],
    remedy: 'Name a CPU of the pool that no enclave owns, or 0 for any.',
    check: ({ command: { cpu }, choice }) =>
      cpu !== 0 && choice === undefined
        ? refuse({ cpu }, `CPU ${cpu} is in no available core of the pool`)
        : PASS,
  }),
  driverRow({
    id: 'vcpu-left-in-pool',
    sentence: 'For "any", the enclave or the pool still has a thread to give.',
    source: '§1.5 ADD_VCPU 4b',
    number: 272,
    requirements: ['N12'],
    remedy: 'Write a larger pool, or end an enclave.',
    check: ({ command: { cpu }, choice }) =>
      cpu === 0 && choice === undefined
        ? refuse({ freeCores: 0 }, 'the pool has no free core')
        : PASS,
  }),
  driverRow({
    id: 'vcpu-core-index',
    sentence: "The core's index is inside the table the enclave was created with.",
    source: '§1.5 ADD_VCPU 4b, 4e; finding 26',
    number: 258,
    remedy: 'Create the enclave after the pool.',
    check: coreIndexInTable,
  }),
];

/** After the core has moved. */
export const ADD_VCPU_LATE_RULES: readonly Rule<Context>[] = [CREATOR];

const REPORTED = [COPY_OUT];

export function addVcpu(host: Host, command: AddVcpu): Decision {
  return onFile(host, command, decideAddVcpu);
}

function decideAddVcpu(call: Call, asked: FileContext<AddVcpu>): Decision {
  const context = vcpuContext(asked);
  const refusal = firstRefusal(ADD_VCPU_RULES, context);
  if (refusal !== undefined) return refused(call, refusal);
  const { choice } = context;
  if (choice === undefined) throw new Error('ADD_VCPU passed its checks without a choice');
  const { host, enclave } = context;
  const { cpu, index } = choice;
  const uid = enclave.uid;
  if (index >= 0) {
    call.effects.push({ kind: 'take-core', uid, index, cpus: host.tree.pool.avail[index] });
  }
  const late = firstRefusal(ADD_VCPU_LATE_RULES, context);
  if (late !== undefined) return refused(call, late);
  const denied = ask(host, call, { kind: 'SLOT_ADD_VCPU', slot: uid, cpu });
  if (denied !== undefined) return refused(call, denied);
  if (!enclave.vcpus.includes(cpu)) call.effects.push({ kind: 'add-vcpu', uid, cpu });
  const unreported = firstRefusal(REPORTED, context);
  return unreported === undefined ? done(call, { vcpu: cpu }) : refused(call, unreported);
}

function coreIndexInTable({ choice, enclave: { parentCores } }: Context): Outcome {
  if (choice === undefined || choice.index < parentCores) return PASS;
  const { index } = choice;
  return refuse({ index, parentCores }, `core index ${index} is not below ${parentCores}`);
}
