/**
 * A host's whole state as text, between two journal entries: where a resumed run can start instead
 * of replaying from the beginning.
 *
 *   <64 hex digits> <JSON>
 *
 * The digits are the SHA-256 of the JSON: the number of entries before, the tree, each store's bytes
 * in hexadecimal, and a digest of what the host was built of. Invariant: what is read back makes the
 * same decisions as the host that was stored; any changed byte, and a host of another description, is
 * named as a problem before a byte of a host is touched.
 * Trade-off: the description itself is not stored; a snapshot is taken on by a host built from the
 * same one.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Host } from '../host/host.js';
import type { HostTree } from '../host/tree.js';
import type { ExtentStore } from '../memory/extent-store.js';
import { canonicalJson } from './codec.js';

const FORMAT = 'hypercarve-snapshot@3';

export type SnapshotReading =
  | { readonly ok: true; readonly host: Host; readonly entries: number }
  | { readonly ok: false; readonly problem: string };

/** `entries`: journal entries that led to this state. */
export function writeSnapshot(host: Host, entries: number): string {
  const { tree, profile } = host;
  const stores = storesOf(host).map((store) => bytesToHex(store.snapshot()));
  const of = { format: FORMAT, profile: profile.id, description: descriptionOf(host) };
  const json = canonicalJson({ ...of, entries, tree, stores });
  return `${digest(json)} ${json}\n`;
}

/** The stored state on `fresh`, a host of the same description; `fresh` is used up. */
export function readSnapshot(fresh: Host, text: string): SnapshotReading {
  const json = text.slice(DIGITS + 1, -1);
  if (text !== `${digest(json)} ${json}\n`) return no('the snapshot does not match its digest');
  const value: unknown = JSON.parse(json);
  if (!isStored(value)) return no(`this is no ${FORMAT}`);
  if (value.profile !== fresh.profile.id) return no(`the snapshot is of ${value.profile}`);
  if (value.description !== descriptionOf(fresh)) {
    return no('the snapshot is of a host of another description');
  }
  for (const [i, store] of storesOf(fresh).entries()) store.restore(hexToBytes(value.stores[i]));
  const problems = fresh.memory.flatMap((node) => node.verifyIndex());
  if (problems.length > 0) return no(problems[0]);
  return { ok: true, host: { ...fresh, tree: value.tree }, entries: value.entries };
}

const DIGITS = 64;

interface Stored {
  readonly profile: string;
  readonly description: string;
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

/** Digest of everything of a host that no command changes. */
function descriptionOf({
  options,
  parent,
  topology,
  hypervisor,
  memory,
  uptimeRuns,
}: Host): string {
  const nodes = memory.map(({ frameKib, base }) => [frameKib, base.frames]);
  return digest(canonicalJson({ options, parent, topology, hypervisor, nodes, uptimeRuns }));
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
