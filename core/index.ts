/**
 * hypercarve as a library: describe a host, take steps, read facts, refusals and invariants.
 *
 * Invariant: everything exported here is documented where it is declared and works without any I/O,
 * in Node and in a browser. Trade-off: one entry point, so that a user has one import to learn.
 */
export { type DriverAnswer, openDriver } from './device/driver.js';
export { parseRunArguments } from './device/nitro-cli/arguments.js';
export { describeEnclaves } from './device/nitro-cli/describe.js';
export {
  parseDescribeArguments,
  parseTerminateArguments,
} from './device/nitro-cli/enclave-arguments.js';
export { createNitroCli } from './device/nitro-cli/processes.js';
export { plainImage } from './device/nitro-cli/request.js';
export { runEnclave } from './device/nitro-cli/run-enclave.js';
export { terminateEnclave } from './device/nitro-cli/terminate.js';
export { qtEnclave } from './device/qt-cli/commands.js';
export { startService, stopService } from './device/qt-cli/service.js';
export { createQtTool } from './device/qt-cli/tool.js';
export { allocatorProgram, runAllocator } from './device/reservation/service.js';
export type {
  Command,
  EnclaveImage,
  NitroCommand,
  ParentCommand,
  QingtianCommand,
  QingtianConf,
  QingtianRequest,
  VmCommand,
} from './host/command.js';
export type { Decision, Facts, HostEvent, HypervisorRequest } from './host/decision.js';
export {
  type Described,
  describeHost,
  type HostDescription,
  type MemoryLayout,
} from './host/describe.js';
export type { Effect, EffectKind } from './host/effect.js';
export type { Host, ParentFacts } from './host/host.js';
export type { HypervisorModel } from './host/hypervisor.js';
export { describeOwner } from './host/owner.js';
export { interleave, type Program, type Reply, type Runner, runProgram } from './host/program.js';
export { recordOf, uidsOf } from './host/records.js';
export { applyUndoable, decide, runInPlace, type Stepped, step, undo } from './host/step.js';
export type { CpuPool, Enclave, HostTree, Mapping, OwnedCore } from './host/tree.js';
export { checkInvariants, INVARIANTS } from './invariants/check.js';
export type { Violation } from './invariants/invariant.js';
export { type CacheSharing, sharedCaches } from './invariants/shared-caches.js';
export { decodeCommand, encodeCommand } from './journal/codec.js';
export {
  type JournalEntry,
  journalEntry,
  replay,
  resultHash,
  runId,
} from './journal/journal.js';
export {
  type JournalHeader,
  type JournalProblem,
  type JournalReading,
  type JournalWriter,
  journalWriter,
  readJournal,
  writeJournal,
} from './journal/stored.js';
export { readSnapshot, type SnapshotReading, writeSnapshot } from './journal/stored-snapshot.js';
export { machines } from './lifecycle/surfaces.js';
export { userStates } from './lifecycle/user-states.js';
export { createExtentPool } from './memory/extent-pool.js';
export type { Extent, ExtentStore, Handle, StoreMark } from './memory/extent-store.js';
export { fragmentationOf, largestAlignedRun } from './memory/fragmentation.js';
export type { PolicyName } from './memory/free-index.js';
export { freePages, inUsePages, type NodeMemory, pagesOf } from './memory/node-memory.js';
export { POLICY_NAMES } from './memory/policies.js';
export type { PoolShape } from './memory/pool-shape.js';
export type {
  FleetAsk,
  FleetPolicy,
  FleetProposal,
  FleetView,
} from './placement/fleet-view.js';
export { type Derived, derivedLines } from './platform/derived.js';
export { profileIds } from './platform/names.js';
export type { Profile } from './platform/profile.js';
export {
  mostEnclaves,
  pageFacts,
  unreachableGaps,
  vcpuRange,
} from './platform/qingtian/derived.js';
export { findProfile } from './platform/registry.js';
export type { Rule, Verdict } from './platform/rule.js';
export type { Refusal } from './refusal/refusal.js';
export {
  findInstanceType,
  type InstanceType,
  listInstanceTypes,
  nearestInstanceTypes,
} from './topology/catalogue.js';
export { formatCpulist, parseKernelCpulist } from './topology/cpulist.js';
export { topologyOf } from './topology/instance-topology.js';
export { regularTopology } from './topology/regular.js';
export { buildTopology, type Topology, type TopologySpec } from './topology/topology.js';
export { type Endpoint, type Hop, type Party, type RouteQuestion, routeOf } from './trust/route.js';
export { ENGINE_VERSION } from './version.js';
