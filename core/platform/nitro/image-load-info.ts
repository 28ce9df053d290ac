/**
 * GET_IMAGE_LOAD_INFO: where in the enclave's memory the image goes (nitro RULES.md §1.5).
 *
 * Invariant: changes nothing; here the state is checked before the flags, unlike the calls after
 * it.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { firstRefusal, PASS, type Rule, refuse } from '../rule.js';
import { done, refused } from './call.js';
import { COPY_IN, COPY_OUT, type FileContext, IN_INIT, onFile } from './file.js';
import { driverRow } from './row.js';

type ImageLoadInfo = CommandOf<'nitro.image-load-info'>;

/** Bytes from the start of the enclave's memory to the image. */
export const IMAGE_OFFSET_BYTES = 8 * 1024 * 1024;
/** The only image kind there is. */
const EIF_IMAGE = 1n;

export const IMAGE_LOAD_INFO_RULES: readonly Rule<FileContext<ImageLoadInfo>>[] = [
  COPY_IN,
  IN_INIT,
  driverRow({
    id: 'image-flags',
    sentence: 'The only image flag is 1, an EIF.',
    source: '§1.5 GET_IMAGE_LOAD_INFO 3',
    number: 274,
    remedy: 'Pass 1.',
    check: ({ command: { flags } }) =>
      flags === EIF_IMAGE ? PASS : refuse({ flags: `${flags}` }, `image flags ${flags} are not 1`),
  }),
  COPY_OUT,
];

export function imageLoadInfo(host: Host, command: ImageLoadInfo): Decision {
  return onFile(host, command, (call, context) => {
    const refusal = firstRefusal(IMAGE_LOAD_INFO_RULES, context);
    if (refusal !== undefined) return refused(call, refusal);
    return done(call, { memoryOffset: IMAGE_OFFSET_BYTES });
  });
}
