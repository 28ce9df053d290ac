/** The suites of the hot path by name; each is built and measured in a process of its own. */
import { inPlaceBodies } from './in-place.js';
import { lifecycleBodies } from './lifecycle.js';
import type { Body } from './measure.js';
import { memoryBodies } from './memory.js';
import { underImmerBodies } from './under-immer.js';

export const SUITES: Readonly<Record<string, () => Body[]>> = {
  'in place': inPlaceBodies,
  'under Immer': underImmerBodies,
  lifecycle: lifecycleBodies,
  memory: memoryBodies,
};
