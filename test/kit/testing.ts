/**
 * `hypercarve/testing`: what this project's own tests use, for yours.
 *
 * Arbitraries (hosts, memory layouts, requests, command sequences with weights), the isolation
 * invariants, the naive oracle, a model-based runner whose failures replay from a seed, matchers for
 * vitest. It needs fast-check and vitest beside hypercarve.
 *
 * Invariant: what is exported here is what the project's own campaigns run on. Trade-off: hosts are
 * small by design; limits are met soon there, and a counterexample can be read.
 */
export type { Host } from '../../core/host/host.js';
export { checkInvariants, INVARIANTS } from '../../core/invariants/check.js';
export type { Violation } from '../../core/invariants/invariant.js';
export { REACHED } from '../../core/invariants/reached.js';
export { firstFit } from '../../core/placement/first-fit.js';
export type {
  FleetAsk,
  FleetPolicy,
  FleetProposal,
  FleetView,
} from '../../core/placement/fleet-view.js';
export { placedLaunch } from '../../core/placement/place.js';
export {
  type HostView,
  hostView,
  type NodeView,
  type PlacementAsk,
  type PlacementPolicy,
  type Proposal,
} from '../../core/placement/policy.js';
export { type Audit, auditedRun, newAudit } from './audited-run.js';
export { CAMPAIGNS, type Campaign } from './campaigns.js';
export { type FleetTrial, tryFleetPolicy } from './fleet-trial.js';
export { nitroHost, qingtianHost, type SmallHost, smallHost, vmHost } from './hosts.js';
export {
  type Intent,
  intents as commandSequences,
  type Resolve,
  type Weights,
} from './intents.js';
export { installMatchers, toBeRefusedWith, toKeepIsolation } from './matchers.js';
export { type ModelReport, type ModelRun, type ModelSettings, runModel } from './model-run.js';
export { NITRO_WEIGHTS, nitroCommand, WILD_WEIGHTS } from './nitro-commands.js';
export { type CampaignSpec, digestText, runShare, sumOfWork } from './oracle/campaign.js';
export { NitroTwin } from './oracle/nitro-twin.js';
export { QingtianTwin } from './oracle/qingtian-twin.js';
export {
  Disagreement,
  judgeSequence,
  newWork,
  ORACLE_PLATFORMS,
  type OraclePlatform,
  type Pair,
  pair,
  type Work,
} from './oracle/sequence.js';
export { QINGTIAN_WEIGHTS, qingtianCommand } from './qingtian-commands.js';
export { hostShapes, memoryLayouts, placementAsks, topologies } from './topologies.js';
export { VM_WEIGHTS, vmCommand } from './vm-commands.js';
