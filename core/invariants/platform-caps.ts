/**
 * The platform's counts hold: enclaves, vCPUs, memory, pages per enclave, image ratio; and who runs has a
 * vCPU at least, and what its request asked for (a driver slot's asks for nothing).
 *
 * What the record counts as memory is what the stores say the enclave owns, and where a
 * hypervisor is given it, all of it was given: bounds on a number that is not the memory would bound nothing.
 * A driver slot's record knows physical ranges only: what it counts is what they add up to, and no-leak
 * compares them with the stores.
 *
 * Invariant: the bounds come from the profile's guarantees with the host's options applied, what is
 * measured comes from the state (cores and stores). Size is judged on
 * running enclaves only: one being put together may still be too small.
 */

import type { Host } from '../host/host.js';
import { BASE } from '../host/stores.js';
import type { Enclave } from '../host/tree.js';
import type { Caps } from '../platform/guarantees.js';
import type { HeldExtent } from './held-frames.js';
import type { Always, Scene, Violation } from './invariant.js';
import { isRunning } from './running.js';

const ID = 'platform-caps';
const KIB = 1024;
const MIB = 1024 * KIB;

export const platformCaps: Always = {
  id: ID,
  sentence: 'Count, vCPU, memory, pages per enclave, image ratio hold.',
  kind: 'always',
  check(scene) {
    const caps = scene.host.profile.guarantees?.caps(scene.host);
    if (caps === undefined) return undefined;
    const enclaves = scene.host.tree.records;
    return [...beyondTotals(scene), ...enclaves.flatMap((one) => beyondCaps(scene, one))];
  },
};

/** What `check` finds of all enclaves together. */
export function beyondTotals({ host }: Scene): Violation[] {
  const found: Violation[] = [];
  const caps = host.profile.guarantees?.caps(host);
  const enclaves = host.tree.records;
  const total = enclaves.reduce((sum, { vcpus }) => sum + vcpus.length, 0);
  demand(found, 'enclaves of the parent', enclaves.length, '<=', caps?.maxEnclaves);
  demand(found, 'vCPUs of all enclaves', total, '<=', caps?.maxVcpusTotal);
  return found;
}

/** What `check` finds of one enclave, for who asks enclave by enclave. */
export function beyondCaps(scene: Scene, enclave: Enclave): Violation[] {
  const { host, held } = scene;
  const found: Violation[] = [];
  const caps = host.profile.guarantees?.caps(host);
  if (host.profile.guarantees?.surface === 'driverSlot') checkDonated(found, enclave);
  if (caps !== undefined && isRunning(enclave.state)) {
    const owned = ownedBy(host, enclave, held);
    checkEnclave(found, enclave, caps, owned.pages);
    checkAsked(found, enclave);
    checkMemory(found, scene, enclave, owned);
  }
  return found;
}

function checkEnclave(found: Violation[], enclave: Enclave, caps: Caps, pages: number): void {
  const { uid, vcpus, memoryBytes, request } = enclave;
  demand(found, 'vCPUs', vcpus.length, '<=', caps.maxVcpus, uid);
  demand(found, 'pages', pages, '<=', caps.maxPages, uid);
  demand(found, 'memory in MiB', memoryBytes / MIB, '>=', caps.minMemoryMib, uid);
  if (caps.imageFactor !== undefined) {
    const needed = caps.imageFactor * request.imageBytes;
    demand(found, 'memory in bytes', memoryBytes, '>=', needed, uid);
  }
  if (caps.vcpuStep !== undefined) {
    demand(found, 'vCPUs beyond a whole step', vcpus.length % caps.vcpuStep, '<=', 0, uid);
  }
}

function checkAsked(found: Violation[], { uid, vcpus, memoryBytes, request }: Enclave): void {
  demand(found, 'vCPUs', vcpus.length, '>=', Math.max(1, request.vcpus), uid);
  demand(found, 'memory in MiB', memoryBytes / MIB, '>=', request.memoryMib, uid);
}

/** What the stores say is an enclave's. */
interface Owned {
  /** Hugepages of all sizes. */
  readonly pages: number;
  readonly bytes: number;
}

function ownedBy(
  { memory }: Host,
  { uid }: Enclave,
  held: () => { ofEnclaves: readonly HeldExtent[] },
): Owned {
  let pages = 0;
  let bytes = 0;
  for (const { uid: whose, node, size, frames } of held().ofEnclaves) {
    if (whose !== uid) continue;
    const { frameKib, pools } = memory[node];
    if (size !== BASE) pages += frames / pools[size].pageFrames;
    bytes += frames * frameKib * KIB;
  }
  return { pages, bytes };
}

function checkMemory(
  found: Violation[],
  { host, donated }: Scene,
  { uid, memoryBytes }: Enclave,
  { bytes }: Owned,
): void {
  const surface = host.profile.guarantees?.surface;
  if (surface === 'driverSlot') return;
  demandEqual(found, memoryBytes, bytes, uid);
  if (surface !== 'qingtianEnclave') return;
  const given = (donated().get(uid) ?? []).reduce((sum, { start, end }) => sum + end - start, 0);
  demand(found, 'bytes given to the hypervisor', given, '>=', bytes, uid);
}

/** Of a driver slot, running or not: it counts what the hypervisor accepted, range by range. */
function checkDonated(found: Violation[], { uid, memoryBytes, donated }: Enclave): void {
  let given = 0;
  for (let i = 1; i < donated.length; i += 2) given += donated[i];
  demandEqual(found, memoryBytes, given, uid);
}

function demandEqual(found: Violation[], counted: number, bytes: number, uid: number): void {
  demand(found, 'bytes counted', counted, '<=', bytes, uid);
  demand(found, 'bytes counted', counted, '>=', bytes, uid);
}

function demand(
  found: Violation[],
  what: string,
  have: number,
  relation: '<=' | '>=',
  bound: number | undefined,
  enclave?: number,
): void {
  if (bound === undefined || (relation === '<=' ? have <= bound : have >= bound)) return;
  const whose = enclave === undefined ? '' : ` of enclave ${enclave}`;
  const limit = relation === '<=' ? 'at most' : 'at least';
  found.push({
    invariant: ID,
    message: `${what}${whose}: ${have}, ${limit} ${bound} allowed`,
    numbers: { what, have, bound },
    ...(enclave === undefined ? {} : { enclave }),
  });
}
