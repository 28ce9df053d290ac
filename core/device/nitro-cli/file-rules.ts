/**
 * The files a launch opens, and the image's signature.
 *
 * Invariant: all of them but the signature fail with the same code, E19; the refusal says which file.
 * Source: nitro RULES.md §5.2 steps 2, 3, 8 and 11.
 */
import { PASS, type Rule, refuse } from '../../platform/rule.js';
import type { ImageFile } from './request.js';
import { cliRow } from './row.js';

interface Opened {
  readonly opens: boolean;
}

export const IMAGE_OPENS: Rule<Opened & { readonly path: string }> = cliRow({
  id: 'image-opens',
  sentence: 'The image file can be opened.',
  source: '§5.2 step 2',
  code: 'E19',
  remedy: 'Check --eif-path and its permissions.',
  check: ({ path, opens }) =>
    opens ? PASS : refuse({ path }, `Failed to open the EIF file: ${path}`),
});

export const POOL_FILE_OPENS: Rule<Opened> = cliRow({
  id: 'pool-file-opens',
  sentence: 'The pool file of the driver can be read.',
  source: '§5.2 step 3',
  code: 'E19',
  remedy: 'Load the nitro_enclaves module; the instance must be enclave-enabled.',
  check: ({ opens }) =>
    opens ? PASS : refuse({ file: 'ne_cpus' }, 'Failed to open CPU pool file'),
});

export const DEVICE_OPENS: Rule<Opened> = cliRow({
  id: 'device-opens',
  sentence: 'The device file can be opened for reading and writing.',
  source: '§5.2 step 8',
  code: 'E19',
  remedy: 'Join the group that may use the device.',
  check: ({ opens }) =>
    opens ? PASS : refuse({ file: 'nitro_enclaves' }, 'Failed to open device file'),
});

export const IMAGE_SIGNATURE: Rule<Pick<ImageFile, 'signature'>> = cliRow({
  id: 'image-signature',
  sentence: 'The file is an EIF, and its signature, if it has one, holds.',
  source: '§5.2 step 11',
  code: 'E59',
  remedy: 'Sign the image again with a certificate inside its dates.',
  check: ({ signature }) => {
    if (signature === 'none' || signature === 'valid') return PASS;
    return signature === 'invalid'
      ? refuse({ signature }, 'Invalid signing certificate')
      : refuse({ signature }, 'Failed to create EIF signature checker');
  },
});
