/**
 * The stages at which a launch or a reservation may be refused, by platform: what an expectation's
 * `stage` can be, and what a report puts beside a refusal.
 *
 * Invariant: every stage that a surface gives for those is listed here (a test runs the shipped
 * scenarios against it), in the order in which they come. Trade-off: stages of ends and of single
 * steps are not listed, since no expectation looks at them.
 */
import type { PlatformId } from '../../core/platform/profile.js';

export interface Stage {
  readonly name: string;
  /** One sentence: what happens there. */
  readonly means: string;
}

export const STAGES: Readonly<Record<PlatformId, readonly Stage[]>> = {
  qingtian: [
    of('configuration', 'The reservation service reads its configuration.'),
    of('service start', 'The reservation service takes CPUs and memory from the parent.'),
    of('define', 'qt enclave start has its request checked, and the enclave gets its place.'),
    of('map', 'The pages of the enclave are mapped.'),
    of('add-memory', 'Its memory is given to it.'),
    of('load-image', 'Its image is loaded.'),
    of('add-cpu', 'Its CPUs are given to it.'),
    of('start', 'It is started.'),
    of('heartbeat', 'It has to say that it is up.'),
  ],
  nitro: [
    of('allocator service', 'The reservation service takes pages and CPUs from the parent.'),
    of('arguments', 'nitro-cli reads its command line.'),
    of('image check', 'nitro-cli opens the image and compares its size with the memory asked for.'),
    of('CPU check', 'nitro-cli compares the CPUs asked for with the pool.'),
    of('memory allocation', 'nitro-cli maps hugepages for the enclave.'),
    of('CREATE_VM', 'The driver makes a slot for the enclave.'),
    of('GET_IMAGE_LOAD_INFO', 'The driver says where in memory the image goes.'),
    of('SET_USER_MEMORY_REGION', 'The driver takes a page for the enclave.'),
    of('ADD_VCPU', 'The driver takes a CPU of the pool for the enclave.'),
    of('START_ENCLAVE', 'The driver checks the whole enclave and has it started.'),
    of('boot', 'The enclave has to say that it is up.'),
  ],
  vm: [of('launch', 'A plain VM gets its CPUs and memory, or not.')],
};

function of(name: string, means: string): Stage {
  return { name, means };
}
