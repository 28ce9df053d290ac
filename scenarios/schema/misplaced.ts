/**
 * Where a key belongs that is not known where it stands: in a mapping around it, or in one within.
 *
 * Invariant: the place named knows the key, by the schema. Trade-off: outwards all the way, inwards one
 * step, since deeper keys are often called alike.
 */
import { formatPath, type Path } from './path.js';

/** The keys that a place knows. */
type KnownAt = (path: Path) => readonly string[];

/** The mapping right around this one knows the key: it stands one too far in. */
export function oneOut(path: Path, key: string, knownAt: KnownAt): string | undefined {
  const [nearest] = mappingsAround(path);
  return nearest === undefined ? undefined : belongsThere(path, nearest, key, knownAt);
}

/** Any mapping around it, else those within. */
export function elsewhere(path: Path, key: string, knownAt: KnownAt): string | undefined {
  for (const length of mappingsAround(path)) {
    const place = belongsThere(path, length, key, knownAt);
    if (place !== undefined) return place;
  }
  const within = knownAt(path).filter((inner) => knownAt([...path, inner]).includes(key));
  if (within.length === 0) return undefined;
  return `it belongs into ${within.map((inner) => `\`${inner}\``).join(' or ')}`;
}

/** How many steps lead to each of them, from the nearest; a list has no keys of its own. */
function mappingsAround(path: Path): number[] {
  return path.flatMap((step, length) => (typeof step === 'number' ? [] : [length])).reverse();
}

function belongsThere(
  path: Path,
  length: number,
  key: string,
  knownAt: KnownAt,
): string | undefined {
  const around = path.slice(0, length);
  if (!knownAt(around).includes(key)) return undefined;
  const owner = length === 0 ? 'the top of the file' : `\`${formatPath(around)}\``;
  return `it belongs to ${owner}, beside \`${path[length]}\``;
}
