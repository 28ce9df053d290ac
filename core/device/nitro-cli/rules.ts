/**
 * Every rule row of nitro-cli, in the order a launch meets them, then those of the other commands.
 *
 * Invariant: a refusal of nitro-cli comes from one of these rows, or wraps a row of the driver in
 * E29; only what breaks the option grammar has no row and no code.
 */
import type { Rule } from '../../platform/rule.js';
import { CONFIG_OPENS } from './arguments.js';
import { BOOT_RULES, READY_PORT_FREE } from './boot.js';
import { CONFIG_FILE_RULES } from './config-file.js';
import { CPU_RULES, INTERVAL_RULES } from './cpu-pool.js';
import { IMAGE_MEASURED } from './describe.js';
import { DEVICE_OPENS, IMAGE_OPENS, IMAGE_SIGNATURE, POOL_FILE_OPENS } from './file-rules.js';
import { PAGE_BACKED } from './image-copy.js';
import { IMAGE_RATIO, PAGES_RULES, SOME_MEMORY } from './memory-rules.js';
import { ID_KNOWN, NAME_KNOWN } from './terminate.js';
import { CID_VALUE_RULES, CPU_COUNT_VALUE, CPU_ID_VALUE, MEMORY_VALUE_RULES } from './values.js';

export const NITRO_CLI_RULES: readonly Rule<never>[] = [
  CONFIG_OPENS,
  ...CONFIG_FILE_RULES,
  CPU_COUNT_VALUE,
  ...CID_VALUE_RULES,
  ...MEMORY_VALUE_RULES,
  CPU_ID_VALUE,
  IMAGE_OPENS,
  POOL_FILE_OPENS,
  ...INTERVAL_RULES,
  ...CPU_RULES,
  IMAGE_RATIO,
  DEVICE_OPENS,
  SOME_MEMORY,
  IMAGE_SIGNATURE,
  ...PAGES_RULES,
  PAGE_BACKED,
  READY_PORT_FREE,
  ...BOOT_RULES,
  IMAGE_MEASURED,
  NAME_KNOWN,
  ID_KNOWN,
];
