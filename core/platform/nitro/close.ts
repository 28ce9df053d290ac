/**
 * The last close of an enclave's file: the driver's release hook (nitro RULES.md §1.1).
 *
 * STOP if it runs, then SLOT_FREE; only then pages and cores go back, each core to its own index.
 * Invariant: after a release that succeeded the enclave owns nothing and every page it had was
 * scrubbed before anyone else got it. A release that failed gives nothing back, ever (quirk
 * `zombie-slot`); the closing process is told 0 all the same.
 */

import { copyPool } from '../../host/apply.js';
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import type { Enclave } from '../../host/tree.js';
import type { Refusal } from '../../refusal/refusal.js';
import { ask } from './ask.js';
import { addToCounter, type Call, done } from './call.js';
import { rcOf } from './errors.js';
import { type FileContext, onFile } from './file.js';
import { returnPages } from './return-pages.js';

type Close = CommandOf<'nitro.close'>;

export function closeEnclave(host: Host, command: Close): Decision {
  return onFile(host, command, decideClose);
}

function decideClose(call: Call, { host, enclave }: FileContext<Close>): Decision {
  const failed = stopAndFree(host, call, enclave);
  const { uid } = enclave;
  if (failed !== undefined) {
    call.effects.push({ kind: 'set-enclave', uid, field: 'fd', from: enclave.fd, to: -1 });
    return { ...done(call, { release: rcOf(failed), uid }), refusal: failed };
  }
  const pages = enclave.regions.reduce((sum, region) => sum + region.pages.length / 2, 0);
  addToCounter(call, host, 'pinned', -pages);
  returnPages(call, host, enclave);
  returnCores(call, host, enclave);
  call.effects.push({ kind: 'drop-enclave', enclave: emptied(enclave) });
  return done(call, { release: 0, uid });
}

function stopAndFree(host: Host, call: Call, enclave: Enclave): Refusal | undefined {
  const slot = enclave.uid;
  const stopped =
    enclave.state === 'RUNNING' ? ask(host, call, { kind: 'ENCLAVE_STOP', slot }) : undefined;
  return stopped ?? ask(host, call, { kind: 'SLOT_FREE', slot });
}

/**
 * Threads go back to the core index they came from, joining what the pool holds there: quirk
 * `cores-joined`.
 */
function returnCores(call: Call, host: Host, enclave: Enclave): void {
  widenPool(call, host, [enclave]);
  moveCores(call, enclave);
}

/**
 * Makes room in the pool for every core index the enclaves own: a pool rewritten after an unbind
 * may have fewer. Must come before any core moves in the same decision.
 */
export function widenPool(call: Call, host: Host, enclaves: readonly Enclave[]): void {
  const { pool } = host.tree;
  const indices = enclaves.flatMap(({ cores }) => cores.map(({ index }) => index));
  const wanted = Math.max(-1, ...indices) + 1;
  if (wanted <= pool.avail.length) return;
  const to = copyPool(pool);
  while (to.avail.length < wanted) to.avail.push([]);
  call.effects.push({ kind: 'set-pool', from: pool, to });
}

export function moveCores(call: Call, { uid, cores }: Enclave): void {
  for (const { index, cpus } of cores) {
    call.effects.push({ kind: 'return-core', uid, index, cpus: [...cpus] });
  }
}

/** The record as it is once its cores are back: what `drop-enclave` must be able to restore. */
export function emptied(enclave: Enclave): Enclave {
  return { ...enclave, cores: [] };
}
