/**
 * The door of `hypercarve/testing`: `testing`, loaded so that a missing peer is told in words.
 *
 * The package installs neither fast-check nor vitest for those who only simulate, and of a module that is
 * missing Node says only which file of ours asked for it. Invariant: the names and values of `testing`,
 * whose types are the package's. Trade-off: they stand here a second time; a test compares.
 */

const kit = await import('./testing.js').catch(async (cause: unknown) => {
  for (const peer of ['fast-check', 'vitest']) {
    await import(peer).catch(() => {
      const toDo = 'npm install --save-dev fast-check vitest';
      throw new Error(`hypercarve/testing needs ${peer} beside it: ${toDo}`, { cause });
    });
  }
  throw cause;
});

export const {
  auditedRun,
  CAMPAIGNS,
  checkInvariants,
  commandSequences,
  Disagreement,
  digestText,
  firstFit,
  hostShapes,
  hostView,
  INVARIANTS,
  installMatchers,
  judgeSequence,
  memoryLayouts,
  NITRO_WEIGHTS,
  NitroTwin,
  newAudit,
  newWork,
  nitroCommand,
  nitroHost,
  ORACLE_PLATFORMS,
  pair,
  placedLaunch,
  placementAsks,
  QINGTIAN_WEIGHTS,
  QingtianTwin,
  qingtianCommand,
  qingtianHost,
  REACHED,
  runModel,
  runShare,
  smallHost,
  sumOfWork,
  toBeRefusedWith,
  toKeepIsolation,
  topologies,
  tryFleetPolicy,
  VM_WEIGHTS,
  vmCommand,
  vmHost,
  WILD_WEIGHTS,
} = kit;
