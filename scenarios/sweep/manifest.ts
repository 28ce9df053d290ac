/**
 * manifest.json: the plan of a sweep, and at the end the hash of each table.
 *
 * Invariant: the sweep id is the hash of the rest of the plan, so a manifest that was changed is not
 * read; nor is one of another folder version, another engine or another build of it, whose runs are not
 * comparable.
 */
import { runId } from '../../core/journal/journal.js';
import { ENGINE_VERSION } from '../../core/version.js';
import { engineBuild, shownBuild } from './engine-build.js';
import { FOLDER_VERSION, type Plan } from './plan.js';

/** A share of the tasks, `index` from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface Manifest extends Plan {
  /** Absent: all tasks. */
  readonly shard?: Shard;
  /** File name → SHA-256; absent while the sweep is unfinished. */
  readonly tables?: Readonly<Record<string, string>>;
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The manifest, or why it cannot be used. */
export function readManifest(text: string): Manifest | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is damaged: not JSON';
  }
  if (typeof value !== 'object' || value === null || !('folderVersion' in value)) {
    return 'is not the manifest of a sweep';
  }
  const { sweepId, shard, tables, ...plan } = value as Manifest;
  if (plan.folderVersion !== FOLDER_VERSION) {
    const version = JSON.stringify(plan.folderVersion);
    return `is a run folder of version ${version}; this hypercarve reads version ${FOLDER_VERSION}`;
  }
  if (plan.engine !== ENGINE_VERSION) {
    const engine = JSON.stringify(plan.engine);
    return `was made by hypercarve ${engine}, this is ${ENGINE_VERSION}: runs are not comparable`;
  }
  const build = engineBuild();
  if (plan.build !== build) {
    const [theirs, ours] = [shownBuild(plan.build), shownBuild(build)];
    return `was made by another build of hypercarve ${ENGINE_VERSION} (${theirs}, this is ${ours}): its code differs and so may its runs; a sweep needs one build`;
  }
  if (runId({ ...plan }) !== sweepId) return 'is damaged: the plan does not match its sweep id';
  return value as Manifest;
}
