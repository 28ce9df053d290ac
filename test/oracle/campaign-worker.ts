/**
 * One worker of the long campaign: runs its share and reports the work, or the disagreement.
 *
 * Invariant: it answers exactly once, and decides nothing that is printed.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type CampaignSpec, runShare } from '../kit/oracle/campaign.js';
import type { Work } from '../kit/oracle/sequence.js';

export interface ShareOrder {
  readonly spec: CampaignSpec;
  readonly index: number;
  readonly of: number;
}

export type ShareReport = { readonly work: Work } | { readonly problem: string };

parentPort?.postMessage(report(workerData as ShareOrder));

function report({ spec, index, of }: ShareOrder): ShareReport {
  try {
    return { work: runShare(spec, index, of) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
