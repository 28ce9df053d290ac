/**
 * Rules on the parent VM, checked first at the reservation and again at every start.
 *
 * Invariant: rows stand in the declared order bare metal, OS, flavor, region, parent state.
 * Source of order: a declared choice; the platform's own order is not published (b.3).
 */
import type { ParentFacts } from '../../host/host.js';
import { allows, notApplicable, type Outcome, PASS as PASSED, type Rule, refuse } from '../rule.js';
import type { ParentContext } from './context.js';
import type { QingtianVersion } from './versions.js';

// Its own constant: V8 folds it into each check.
const PASS = PASSED;

type ParentRule = Rule<ParentContext>;

const bareMetal: ParentRule = {
  id: 'bare-metal',
  sentence: 'Bare-metal instances do not support enclaves.',
  source: 'QingTian Enclave user guide, constraints',
  requirements: ['Q13'],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Use a virtual machine of a supported flavor as the parent.',
  check: ({ host }) =>
    host.parent.bareMetal
      ? refuse({ flavor: host.parent.flavor }, 'the parent is a bare-metal instance')
      : PASS,
};

const parentOs: ParentRule = {
  id: 'parent-os',
  sentence: 'The parent VM must run Linux.',
  source: 'QingTian Enclave user guide, constraints',
  requirements: ['Q12'],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Install a Linux image on the parent VM.',
  check: ({ host }) =>
    host.parent.os === 'linux'
      ? PASS
      : refuse({ os: host.parent.os }, 'the parent VM does not run Linux'),
};

const flavor: ParentRule = {
  id: 'flavor',
  sentence: 'The parent VM must be of a flavor family with enclave support.',
  source: 'QingTian Enclave user guide, constraints; dated',
  requirements: ['Q30'],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Choose a flavor family that the version lists, or the version that lists yours.',
  check: ({ host, version }) => listed(version, 'flavors', version.flavors, familyOf(host.parent)),
};

const region: ParentRule = {
  id: 'region',
  sentence: 'The parent VM must be in a region that offers enclaves.',
  source: 'QingTian Enclave user guide, constraints; dated',
  requirements: ['Q31'],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Create the parent VM in a region that the version lists.',
  check: ({ host, version }) => listed(version, 'regions', version.regions, host.parent.region),
};

const parentRunning: ParentRule = {
  id: 'parent-running',
  sentence: 'An enclave is active only while its parent VM runs.',
  source: 'QingTian Enclave user guide, basic concepts',
  requirements: ['Q27'],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Start the parent VM, then the reservation service, then the enclave.',
  check: ({ host: { tree } }) =>
    tree.parent === 'running'
      ? PASS
      : refuse({ state: tree.parent }, `the parent VM is ${tree.parent}`),
};

/** "c7e" of "C7e.4xlarge.2"; kept, since every start of a parent asks again. */
function familyOf(parent: ParentFacts): string {
  let family = families.get(parent);
  if (family === undefined) {
    family = parent.flavor.toLowerCase().split('.')[0];
    families.set(parent, family);
  }
  return family;
}

const families = new WeakMap<ParentFacts, string>();

/** In declared order. */
export const PARENT_RULES: readonly ParentRule[] = [
  bareMetal,
  parentOs,
  flavor,
  region,
  parentRunning,
];

/** Whether none of them refuses: each asked by its name (see `everyRowAllows` of the start's rows). */
export function parentRowsAllow(context: ParentContext): boolean {
  return (
    allows(bareMetal.check(context)) &&
    allows(parentOs.check(context)) &&
    allows(flavor.check(context)) &&
    allows(region.check(context)) &&
    allows(parentRunning.check(context))
  );
}

function listed(
  version: QingtianVersion,
  which: string,
  names: readonly string[] | 'unstated',
  name: string,
): Outcome {
  if (names === 'unstated') return notApplicable(`${version.id} names no ${which}`);
  // A loop, since it is asked of each start and the lists are of one to three names.
  for (let i = 0; i < names.length; i++) if (names[i] === name) return PASS;
  const supported = names.join(', ');
  return refuse({ asked: name, supported }, `"${name}" is not one of the ${which}: ${supported}`);
}
