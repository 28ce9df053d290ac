/**
 * The QingTian profile: a dated version's rules and steps behind the common face of a platform.
 *
 * Invariant: rule rows are listed once, parent rows first, in the order in which they are checked.
 */
import type { Command } from '../../host/command.js';
import type { Host } from '../../host/host.js';
import { QINGTIAN_HYPERVISOR } from '../../host/hypervisor.js';
import { parentSteps } from '../../host/parent-steps.js';
import { dismissEnclave, releaseEnclave } from '../../host/release-enclave.js';
import { setCpuOnline } from '../cpu-online.js';
import { onlyOwn, type Profile, type Steps } from '../profile.js';
import { diagnoseRules, type Verdict } from '../rule.js';
import { startContext } from './context.js';
import { define } from './define.js';
import { derivedFacts } from './derived.js';
import { guaranteesOf } from './guarantees.js';
import { launchAtOnce, launchWhole } from './launch-at-once.js';
import { optionProblems, resolveOptions } from './options.js';
import { PARENT_RULES } from './parent-rules.js';
import { pipelineStep } from './pipeline.js';
import { reserve, reserveContext, unreserve } from './reservation.js';
import { RESERVATION_RULES } from './reservation-rules.js';
import { closeConsole, crash, openConsole, readConsole, stop } from './running.js';
import { startRules } from './start-rules.js';
import { STEP_RULES } from './step-rules.js';
import {
  documentedParent,
  type QingtianVersion,
  type QingtianVersionId,
  qingtianVersion,
} from './versions.js';

/** The profile of a dated version; 2022-10, the source document, by default. */
export function qingtianProfile(id?: QingtianVersionId): Profile {
  const version = qingtianVersion(id);
  const kept = profiles.get(version.id);
  if (kept !== undefined) return kept;
  const profile = profileOf(version);
  profiles.set(version.id, profile);
  return profile;
}

/** One profile a version, so that all hosts of a process meet the very same rules. */
const profiles = new Map<QingtianVersionId, Profile>();

function profileOf(version: QingtianVersion): Profile {
  const reserving = [...PARENT_RULES, ...RESERVATION_RULES];
  const starting = [...PARENT_RULES, ...startRules(version)];
  const rules = [...PARENT_RULES, ...RESERVATION_RULES, ...startRules(version), ...STEP_RULES];
  return {
    platform: 'qingtian',
    id: `qingtian@${version.id}`,
    title: `Huawei QingTian Enclave, ${version.document}`,
    rules,
    steps: stepsOf(version, reserving, starting),
    wholes: onlyOwn({
      'qingtian.launch': launchWhole(version, starting),
      'qingtian.stop': stop(dismissEnclave),
      'qingtian.crash': crash(dismissEnclave),
    }),
    parentDefaults: documentedParent(version),
    hypervisor: QINGTIAN_HYPERVISOR,
    resolveOptions: (named) => {
      const problems = optionProblems(named);
      return problems.length > 0 ? { problems } : { options: resolveOptions(version, named) };
    },
    guarantees: guaranteesOf(version),
    derivedFacts: (host) => derivedFacts(version, host),
    diagnose: (host, command) => diagnose(version, { reserving, starting }, host, command),
  };
}

type Reserving = Parameters<typeof reserve>[1];
type Starting = Parameters<typeof define>[1];

function stepsOf(version: QingtianVersion, reserving: Reserving, starting: Starting): Steps {
  const pipeline = pipelineStep(version);
  return {
    ...parentSteps({ endEnclave: releaseEnclave }),
    'parent.set-online': setCpuOnline,
    'qingtian.reserve': reserve(version, reserving),
    'qingtian.unreserve': unreserve,
    'qingtian.define': define(version, starting),
    'qingtian.launch': launchAtOnce(launchWhole(version, starting)),
    'qingtian.map': pipeline,
    'qingtian.add-memory': pipeline,
    'qingtian.load-image': pipeline,
    'qingtian.add-cpu': pipeline,
    'qingtian.start': pipeline,
    'qingtian.heartbeat': pipeline,
    'qingtian.stop': stop(releaseEnclave),
    'qingtian.crash': crash(releaseEnclave),
    'qingtian.console-open': openConsole,
    'qingtian.console-read': readConsole,
    'qingtian.console-close': closeConsole,
  };
}

function diagnose(
  version: QingtianVersion,
  rows: { readonly reserving: Reserving; readonly starting: Starting },
  host: Host,
  command: Command,
): readonly Verdict[] | undefined {
  if (command.kind === 'qingtian.reserve') {
    return diagnoseRules(rows.reserving, reserveContext(version, host, command.conf));
  }
  if (command.kind === 'qingtian.define' || command.kind === 'qingtian.launch') {
    return diagnoseRules(rows.starting, startContext(version, host, command.request));
  }
  return undefined;
}
