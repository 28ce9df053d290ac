/**
 * A launch and its termination as a bare loop: whole cores from an array of owners, memory from an
 * extent pool, an enclave in a map.
 *
 * A floor and no peer: it asks no rule, keeps no state of a life, counts nothing for a report and
 * answers no decision, so what a host costs above it is what the model costs. Invariant: the same CPUs
 * and frames as the launch of `forty-eight-cores` takes. Trade-off: the memory is the true allocator's.
 */
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { LAUNCH } from './forty-eight-cores.js';

const POOL_CPUS = 60;
const POOL_FRAMES = 8192;
const FRAME_MIB = 2;
const GRANULE = 512;
const FREE = 0;

interface BareEnclave {
  readonly cpus: readonly number[];
  readonly handle: number;
}

/** The loop's body: one launch, one termination. */
export function launchAndTerminateBare(): () => void {
  const owners = new Int32Array(POOL_CPUS);
  const pool = createExtentPool({ tag: 0, frames: POOL_FRAMES, granuleFrames: GRANULE });
  const enclaves = new Map<number, BareEnclave>();
  let lastUid = 0;
  return () => {
    const uid = ++lastUid;
    const cpus: number[] = [];
    for (let cpu = 0; cpu < POOL_CPUS && cpus.length < LAUNCH.vcpus; cpu++) {
      if (owners[cpu] !== FREE) continue;
      owners[cpu] = uid;
      cpus.push(cpu);
    }
    const handle = pool.alloc(LAUNCH.memoryMib / FRAME_MIB, 1, uid);
    enclaves.set(uid, { cpus, handle });
    const ended = enclaves.get(uid);
    if (ended === undefined || handle === 0) throw new Error('the launch took nothing');
    for (const cpu of ended.cpus) owners[cpu] = FREE;
    pool.free(ended.handle);
    enclaves.delete(uid);
  };
}
