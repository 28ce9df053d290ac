/** Last-level caches that serve several owners; nothing where none does, or where nobody knows. */
import type { Snapshot } from '../record.js';
import { INDENT, type Line, paragraph } from './line.js';
import type { Style } from './style.js';

export function cacheLines({ sharedCaches = [] }: Snapshot, style: Style): Line[] {
  return sharedCaches.flatMap(({ cpus, owners }) =>
    paragraph(`CPUs ${cpus}: ${owners.join(', ')}`, style, INDENT),
  );
}
