/**
 * A host's whole state as text, between two journal entries: where a resumed run can start instead
 * of replaying from the beginning.
 *
 *   5c0e31d7 {"description":{…},"entries":12,"format":"hypercarve-snapshot","profile":"…","version":4}
 *   88f1a20b {"tree":{…}}
 *   e3d7c19a {"node":0,"store":"4245…"}
 *   …
 *   07b2c4d1 {"digest":"…"}
 *
 * Lines in a chain (line-chain.ts): the number of entries before and digests of what the host was
 * built of, the tree, each store's bytes in hexadecimal, and the digest of all lines. Invariant: what
 * is read back makes the same decisions as the host that was stored; any changed byte is named with
 * its line, a host of another description with the part that differs, before a byte of a host is
 * touched. Trade-off: the description itself is not stored; a snapshot is taken on by a host built
 * from the same one.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { named, whyNoHost } from '../host/asked.js';
import type { Host } from '../host/host.js';
import type { HostTree } from '../host/tree.js';
import type { ExtentStore } from '../memory/extent-store.js';
import { canonicalJson } from './codec.js';
import { LineChain, mappingIn } from './line-chain.js';

const FORMAT = 'hypercarve-snapshot';
const VERSION = 4;

export type SnapshotReading =
  | { readonly ok: true; readonly host: Host; readonly entries: number }
  | {
      readonly ok: false;
      readonly problem: string;
      /** From 1; 0 = the text as a whole, or the host. */
      readonly line: number;
    };

/** `entries`: journal entries that led to this state. Throws a TypeError for what is none of these. */
export function writeSnapshot(host: Host, entries: number): string {
  const noHost = whyNoHost(host);
  if (noHost !== undefined) throw new TypeError(noHost);
  if (!Number.isSafeInteger(entries) || entries < 0) {
    throw new TypeError(`entries: a whole number from 0 is needed, not ${entries}`);
  }
  const { tree, profile } = host;
  const description = descriptionOf(host);
  const head = { format: FORMAT, version: VERSION, profile: profile.id, description, entries };
  const chain = new LineChain();
  const stores = storesOf(host).map(({ of, store }) => ({
    ...of,
    store: bytesToHex(store.snapshot()),
  }));
  const lines = [head, { tree }, ...stores].map((part) => chain.line(canonicalJson(part)));
  return [...lines, chain.line(lastJson(chain))].join('');
}

/** The stored state on `fresh`, a host of the same description; `fresh` is used up. */
export function readSnapshot(fresh: Host, text: string): SnapshotReading {
  const noHost = whyNoHost(fresh);
  if (noHost !== undefined) return no(0, noHost);
  const given: unknown = text;
  if (typeof given !== 'string') {
    return no(0, `a snapshot is a text, as writeSnapshot gives it, not ${named(given)}`);
  }
  const read = soundLines(text);
  if ('problem' in read) return read;
  const [head, { tree }, ...parts] = read.lines as unknown as Stored;
  if (head.profile !== fresh.profile.id) return no(1, `the snapshot is of ${head.profile}`);
  const other = differing(head.description, descriptionOf(fresh));
  if (other.length > 0) {
    return no(1, `the snapshot is of a host of another description: ${other.join(', ')}`);
  }
  for (const [i, { store }] of storesOf(fresh).entries()) store.restore(hexToBytes(parts[i].store));
  for (const [i, node] of fresh.memory.entries()) {
    const [problem] = node.verifyIndex();
    if (problem !== undefined) return no(lineOfNode(fresh, i), problem);
  }
  return { ok: true, host: { ...fresh, tree }, entries: head.entries };
}

interface Head {
  readonly profile: string;
  readonly description: Readonly<Record<string, string>>;
  readonly entries: number;
}

/** The digest holds, so what carries our format name was written by `writeSnapshot`. */
type Stored = readonly [Head, { readonly tree: HostTree }, ...{ readonly store: string }[]];

type Lines = { readonly lines: readonly Readonly<Record<string, unknown>>[] };

/** All lines but the last one, or the first that is wrong. */
function soundLines(text: string): Lines | Extract<SnapshotReading, { readonly ok: false }> {
  const lines = text.split('\n');
  const cutOff = lines.pop() !== '';
  const chain = new LineChain();
  const read: Readonly<Record<string, unknown>>[] = [];
  for (const [i, line] of lines.entries()) {
    const last = lastJson(chain);
    const json = chain.read(line);
    const value = json === undefined ? undefined : mappingIn(json);
    if (value === undefined) return no(i + 1, 'the line does not match its check digits');
    if (i === 0 && value.format !== FORMAT) return no(1, `this is no ${FORMAT}`);
    if (i === 0 && value.version !== VERSION) {
      return no(1, `version ${String(value.version)} is not known, ${VERSION} is`);
    }
    if (json === last) {
      if (cutOff || i < lines.length - 1) return no(i + 2, 'there is text after the last line');
      return { lines: read };
    }
    read.push(value);
  }
  return cutOff || lines.length > 0
    ? no(lines.length + 1, 'the snapshot is cut off')
    : no(0, 'the snapshot is empty');
}

function lastJson(chain: LineChain): string {
  return canonicalJson({ digest: chain.digest() });
}

/** Digests of everything of a host that no command changes, by what it is. */
function descriptionOf(host: Host): Readonly<Record<string, string>> {
  const { options, parent, topology, hypervisor, memory, uptimeRuns } = host;
  const nodes = memory.map(({ frameKib, base }) => [frameKib, base.frames]);
  const parts = { options, parent, topology, hypervisor, memory: nodes, uptime: uptimeRuns };
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name,
      bytesToHex(sha256(utf8ToBytes(canonicalJson(part)))),
    ]),
  );
}

function differing(
  stored: Readonly<Record<string, string>>,
  here: Readonly<Record<string, string>>,
): string[] {
  return Object.keys(here).filter((name) => stored[name] !== here[name]);
}

interface StoreOfHost {
  /** As its line says. */
  readonly of: { readonly node: number; readonly pageKib?: number };
  readonly store: ExtentStore;
}

function storesOf({ memory }: Host): StoreOfHost[] {
  return memory.flatMap(({ node, base, pools }) => [
    { of: { node }, store: base },
    ...pools.map(({ pageKib, store }) => ({ of: { node, pageKib }, store })),
  ]);
}

/** Where the stores of the node at a position begin. */
function lineOfNode(host: Host, position: number): number {
  const { node } = host.memory[position];
  return storesOf(host).findIndex(({ of }) => of.node === node) + 3;
}

function no(line: number, problem: string): Extract<SnapshotReading, { readonly ok: false }> {
  return { ok: false, problem, line };
}
