/**
 * The parent VM in a few words, for the head of a report and for runs side by side.
 *
 * Invariant: its memory is said to be what is usable, since an instance type has more than that; a flavor
 * without a size ("c7e") is said to be one, or it reads like an id.
 */
import { formatMib } from '../../core/units/size.js';
import type { HostPicture } from '../record.js';

/** "m5.16xlarge", "custom", "flavor c7e". */
export function parentName({ parentType }: HostPicture): string {
  const isBare = /^[a-z]+\d\w*$/i.test(parentType);
  return isBare ? `flavor ${parentType}` : parentType;
}

export function usableText({ memoryMib }: HostPicture): string {
  return `${formatMib(memoryMib)} usable`;
}
