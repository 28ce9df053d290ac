/**
 * A host's whole state as text, between two journal entries: where a resumed run can start instead
 * of replaying from the beginning.
 *
 *   <64 hex digits> <JSON>
 *
 * The digits are the SHA-256 of the JSON: the number of entries before, the tree, and each store's
 * bytes in hexadecimal. Invariant: what is read back makes the same decisions as the host that was
 * stored; any changed byte is named as a problem before a byte of a host is touched.
 * Trade-off: the topology and the profile are not stored; a snapshot is taken on by a host built from
 * the same description, and one of another shape is refused.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Host } from '../host/host.js';
import type { HostTree } from '../host/tree.js';
import type { ExtentStore } from '../memory/extent-store.js';
import { canonicalJson } from './codec.js';

const FORMAT = 'hypercarve-snapshot@2';

export type SnapshotReading =
  | { readonly ok: true; readonly host: Host; readonly entries: number }
  | { readonly ok: false; readonly problem: string };

/** `entries`: journal entries that led to this state. */
export function writeSnapshot(host: Host, entries: number): string {
  const { tree, profile } = host;
  const stores = storesOf(host).map((store) => bytesToHex(store.snapshot()));
  const json = canonicalJson({ format: FORMAT, profile: profile.id, entries, tree, stores });
  return `${digest(json)} ${json}\n`;
}

/** The stored state on `fresh`, a host of the same description; `fresh` is used up. */
export function readSnapshot(fresh: Host, text: string): SnapshotReading {
  const json = text.slice(DIGITS + 1, -1);
  if (text !== `${digest(json)} ${json}\n`) return no('the snapshot does not match its digest');
  const value: unknown = JSON.parse(json);
  if (!isStored(value)) return no(`this is no ${FORMAT}`);
  if (value.profile !== fresh.profile.id) return no(`the snapshot is of ${value.profile}`);
  const stores = storesOf(fresh);
  const bytes = value.stores.map(hexToBytes);
  if (bytes.length !== stores.length) return no(`${bytes.length} stores for ${stores.length}`);
  for (const [i, store] of stores.entries()) store.restore(bytes[i]);
  const problems = fresh.memory.flatMap((node) => node.verifyIndex());
  if (problems.length > 0) return no(problems[0]);
  return { ok: true, host: { ...fresh, tree: value.tree }, entries: value.entries };
}

const DIGITS = 64;

interface Stored {
  readonly profile: string;
  readonly entries: number;
  readonly tree: HostTree;
  readonly stores: readonly string[];
}

/** The digest holds, so what carries our format name was written by `writeSnapshot`. */
function isStored(value: unknown): value is Stored {
  return (
    typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT
  );
}

function storesOf({ memory }: Host): ExtentStore[] {
  return memory.flatMap(({ base, pools }) => [base, ...pools.map(({ store }) => store)]);
}

function digest(json: string): string {
  return bytesToHex(sha256(utf8ToBytes(json)));
}

function no(problem: string): SnapshotReading {
  return { ok: false, problem };
}
