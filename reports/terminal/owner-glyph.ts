/**
 * One character and one ink per owner of CPUs and memory, the same in every picture of a report.
 *
 * Invariant: two owners never share a character, so the pictures read without colour; only when
 * the letters run out do the remaining enclaves share the character of "more".
 */
import type { Snapshot } from '../record.js';
import type { EnclaveInk, Ink } from './line.js';
import type { Style } from './style.js';

export interface Glyph {
  readonly char: string;
  readonly ink: Ink;
  /** What the legend calls it. */
  readonly label: string;
}

/** Owner → glyph. Enclaves beyond the letters all map to MORE. */
export type Glyphs = ReadonlyMap<string, Glyph>;

interface KnownOwner {
  readonly unicode: string;
  readonly ascii: string;
  readonly ink: Ink;
  readonly label: string;
}

/** Owners that are no enclave, in the order of the legend. */
const KNOWN = {
  parent: { unicode: '░', ascii: '#', ink: 'quiet', label: 'parent, in use' },
  free: { unicode: '·', ascii: '.', ink: 'quiet', label: 'parent, free' },
  pool: { unicode: '▒', ascii: '=', ink: 'pool', label: 'pool, unused' },
  task: { unicode: '&', ascii: '&', ink: 'warn', label: 'host process' },
  offline: { unicode: '-', ascii: '-', ink: 'warn', label: 'offline' },
  leaked: { unicode: '!', ascii: '!', ink: 'bad', label: 'leaked' },
  hole: { unicode: '_', ascii: '_', ink: 'quiet', label: 'hole' },
} as const satisfies Readonly<Record<string, KnownOwner>>;

/** What an owner that is no enclave is called in a record. */
export type KnownOwnerName = keyof typeof KNOWN;

/** A cell of several owners none of which has more than half. */
export const MIXED: Glyph = { char: '%', ink: 'plain', label: 'mixed' };
export const MORE: Glyph = { char: '*', ink: 'plain', label: 'more enclaves' };

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
const ENCLAVE_INKS: readonly EnclaveInk[] = ['blue', 'magenta', 'yellow', 'green'];

/** Gives every owner of the snapshots its glyph: first those that are no enclave, then letters. */
export function assignGlyphs(snapshots: readonly Snapshot[], style: Style): Glyphs {
  const owners = new Set(snapshots.flatMap(ownersOf));
  const known = Object.entries(KNOWN).filter(([owner]) => owners.has(owner));
  const enclaves = [...owners].filter((owner) => !Object.hasOwn(KNOWN, owner));
  return new Map([
    ...known.map(([owner, { unicode, ascii, ink, label }]): [string, Glyph] => [
      owner,
      { char: style.unicode ? unicode : ascii, ink, label },
    ]),
    ...enclaves.map((owner, i): [string, Glyph] => [owner, enclaveGlyph(owner, i)]),
  ]);
}

/** Glyph of an owner; MIXED for "no one owner". */
export function glyphOf(glyphs: Glyphs, owner: string | undefined): Glyph {
  return (owner === undefined ? undefined : glyphs.get(owner)) ?? MIXED;
}

function enclaveGlyph(owner: string, index: number): Glyph {
  if (index >= LETTERS.length) return MORE;
  return {
    char: LETTERS[index],
    ink: ENCLAVE_INKS[index % ENCLAVE_INKS.length],
    label: owner,
  };
}

function ownersOf({ cpus, memory }: Snapshot): string[] {
  return [
    ...cpus.map(({ owner }) => owner),
    ...memory.flatMap(({ runs }) => runs.filter((run) => run.frames > 0).map((run) => run.owner)),
  ];
}
