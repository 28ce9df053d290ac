/**
 * The image of a launch: a name from the scenario's `images`, or a small complete one.
 *
 * Invariant: sizes are exact bytes, since one byte too many is a refusal.
 */
import type { EnclaveImage } from '../../core/host/command.js';
import type { Scenario } from '../schema/scenario.js';

const COMPLETE = ['kernel', 'cmdline', 'ramdisk', 'init'] as const;
/** 5 MiB: about what the smallest public sample image measures. */
const SMALL_BYTES = 5 * 1024 * 1024;

const SMALL: EnclaveImage = { bytes: SMALL_BYTES, sections: COMPLETE, os: 'linux', kind: 'eif' };

export function imageOf({ images }: Scenario, name: string | undefined): EnclaveImage {
  if (name === undefined) return SMALL;
  if (!Object.hasOwn(images, name)) throw new Error(`no image ${name}: the loader checks names`);
  const given = images[name];
  const bytes = typeof given.size === 'number' ? given.size * 1024 : given.size.bytes;
  return { bytes, sections: given.sections ?? COMPLETE, os: given.os, kind: given.kind };
}
