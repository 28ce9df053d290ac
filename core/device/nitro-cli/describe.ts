/**
 * `nitro-cli describe-enclaves`.
 *
 * Asks every enclave process. One whose image could not be measured fails the command with E35, and
 * a failed command ends its process, the enclave with it (quirk `failed-command-ends-enclave`).
 * Invariant: only processes that answered are printed. Source: nitro RULES.md §6.1, §6.3.
 */

import type { Program } from '../../host/program.js';
import { firstRefusal, PASS, type Rule, refuse } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { describeInfo, printed } from './json.js';
import { type EnclaveProcess, endProcess, type NitroCli } from './processes.js';
import { cliRow } from './row.js';
import { failedConnections } from './run-output.js';

export interface Described {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: readonly string[];
  /** One a process that failed, in order. */
  readonly refusals: readonly Refusal[];
}

export const IMAGE_MEASURED: Rule<EnclaveProcess> = cliRow({
  id: 'image-measured',
  sentence: 'The image could be read again and measured.',
  source: '§5.2 step 12, §6.1',
  code: 'E35',
  remedy: 'Keep the image file where it is until the first describe-enclaves.',
  check: ({ image, name }) =>
    image.measurements === undefined
      ? refuse({ enclave: name }, 'Failed to initialize EIF reader')
      : PASS,
});

export function* describeEnclaves(cli: NitroCli, metadata = false): Program<Described> {
  const refusals: Refusal[] = [];
  const entries: unknown[] = [];
  for (const enclave of [...cli.running]) {
    const refusal = firstRefusal([IMAGE_MEASURED], enclave);
    if (refusal === undefined) entries.push(describeInfo(cli.instanceId, enclave, metadata));
    else {
      refusals.push(refusal);
      yield* endProcess(cli, enclave, 'commandFailed');
    }
  }
  const { status, stderr } = failedConnections(refusals);
  return { status, stdout: printed(entries), stderr, refusals };
}
