/**
 * A sweep file's text to a checked sweep, or to everything that is wrong with it.
 *
 * Stages: text → tree → schema → axes → each variant loaded and started as a fleet would be, so that
 * whatever a run could refuse is found before the first one. Invariant: problems point at the line
 * that wrote the value: in the sweep file, in the base fleet, or in a trace. One problem that many
 * variants share is told once. A reservation is asked for under every seed that may be run; where the
 * file wants it, variants whose reservation is refused, and nothing else, are told apart and are no
 * problem. Trade-off: preparing builds each variant's parents once.
 */
import { dirname, resolve } from 'node:path';
import { counted } from '../../core/units/counted.js';
import type { LeftOutVariant } from '../../reports/sweep/left-out.js';
import { emptyWarmup } from '../engine/before-first-ask.js';
import type { CheckProgress } from '../engine/check-progress.js';
import { type LoadedFleet, loadFleet } from '../engine/load-fleet.js';
import type { FleetFile } from '../engine/schema.js';
import { startFleet } from '../engine/start-fleet.js';
import { IssueExplainer } from '../schema/explain-issue.js';
import { otherKind } from '../schema/file-kind.js';
import { readInput } from '../schema/files.js';
import { formatPath } from '../schema/path.js';
import { type Finding, type Problem, sortProblems } from '../schema/problem.js';
import { applySetting } from '../schema/set.js';
import { readTree, type YamlTree } from '../schema/yaml-tree.js';
import { type AskSeeds, askSeeds } from './ask-seeds.js';
import { readAxes, type Variant, variantCount, variantsOf } from './axes.js';
import { baselineOf } from './baseline.js';
import { unknownStep } from './known-path.js';
import { overlapFindings } from './overlap.js';
import { replicationSeed } from './plan.js';
import {
  type Asking,
  leftOutFindings,
  leftOutReservations,
  orLeaveOut,
  type RefusedVariant,
  refusedWhereDrawn,
  type SeedRange,
  seedsOf,
} from './refused-variant.js';
import { type SweepFile, sweepSchema } from './schema.js';
import {
  type Base,
  type Found,
  type PlaceProblem,
  type Places,
  placer,
  relocate,
  withVariants,
} from './written-at.js';

export interface ReadyVariant extends Variant {
  /** The fleet as JSON text, which `loadFleet` reads. */
  readonly fleetText: string;
  readonly fleet: FleetFile;
  /** SHA-256 of what else goes in: a trace, a policy's module. */
  readonly contents: Readonly<Record<string, string>>;
  /** How many it asks. */
  readonly requests: number;
  /** Why nothing can run on some of its parents, and what a trace's times leave without effect, a line each. */
  readonly remarks: readonly string[];
}

export interface LoadedSweep {
  readonly sweep: SweepFile;
  /** Those that can be run. */
  readonly variants: readonly ReadyVariant[];
  /** Those whose reservation is refused, where the file wants them left out. */
  readonly leftOut: readonly LeftOutVariant[];
  /** Position of the baseline among the variants that can be run. */
  readonly baseline: number;
  /** Of the fleet: what its relative paths start from. */
  readonly fleetFile: string;
  readonly places: Places;
}

type Problems = { readonly problems: readonly Problem[] };

const MOST_EXPLAINED = 200;
/** More variants than anybody compares; a product that is larger is a slip. */
const MOST_VARIANTS = 10_000;

/**
 * `progress`: told of what may take long; `ask`: who asks for reservations under the seeds; `wasAsked`:
 * whether a sweep that leaves no variant out was found to be granted all of them before.
 */
export async function loadSweep(
  text: string,
  file: string,
  progress?: CheckProgress,
  ask: AskSeeds = askSeeds,
  wasAsked?: (sweep: LoadedSweep) => boolean,
): Promise<LoadedSweep | Problems> {
  const tree = readTree(text);
  if ('faults' in tree) {
    return { problems: sortProblems(tree.faults.map((fault) => ({ file, path: '', ...fault }))) };
  }
  const told = (findings: readonly Finding[]): Problems => ({
    problems: sortProblems([...tree.findings, ...findings].map(placer(tree, file))),
  });
  const other = otherKind(tree.value, 'sweepVersion');
  if (other !== undefined) return told([other]);
  const checked = sweepSchema.safeParse(tree.value);
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, MOST_EXPLAINED);
    return told(new IssueExplainer(sweepSchema, tree.value).explain(issues));
  }
  const sweep = checked.data;
  const { axes, findings } = readAxes(sweep.axes);
  const settings = axes.flatMap(({ levels }) => levels.flatMap((level) => level.settings));
  const unknown = new Map(
    settings.map((setting) => [formatPath(setting.namedAt), unknownStep(setting)]),
  );
  for (const finding of unknown.values()) if (finding !== undefined) findings.push(finding);
  findings.push(...overlapFindings(axes));
  const baseline = baselineOf(sweep.compare, axes);
  if (typeof baseline !== 'number') findings.push(...baseline);
  const count = variantCount(axes);
  if (count > MOST_VARIANTS) {
    const seeds = 'until' in sweep.seeds ? sweep.seeds.until.most : sweep.seeds.count;
    const runs = `${counted(count, 'variant')} × ${counted(seeds, 'seed')} = ${counted(count * seeds, 'run')}`;
    const message = `would be ${runs}; a sweep has at most ${MOST_VARIANTS} variants, also with --yes`;
    findings.push({ path: ['axes'], message });
  }
  const base = readBase(sweep, tree, file);
  if ('problems' in base) {
    return { problems: [...told(findings).problems, ...base.problems] };
  }
  if (findings.length > 0 || tree.findings.length > 0 || typeof baseline !== 'number') {
    return told(findings);
  }
  const leavesOut = sweep.onRefusedReservation === 'leave-out';
  const asking: Asking = { ask, known: new Map() };
  const { warmup } = sweep;
  const making: Making = { base, seeds: seedsOf(sweep), warmup, asking, leavesOut, progress };
  const inSweep = placer(tree, file);
  const places: Places = { base, inSweep };
  const { fleetFile } = base;
  if (wasAsked !== undefined && !leavesOut) {
    const unasked = { ...making, asking: { ...asking, ask: NOBODY_ASKED } };
    const granted = await readyAll(variantsOf(axes), unasked, places);
    const all = 'problems' in granted ? [] : granted.all.filter(isReady);
    const whole: LoadedSweep = { sweep, variants: all, leftOut: [], baseline, fleetFile, places };
    if (all.length === count && wasAsked(whole)) return whole;
    asking.known.clear();
  }
  const ready = await readyAll(variantsOf(axes), making, places);
  if ('problems' in ready) return ready;
  const { all } = ready;
  const variants = all.filter(isReady);
  const refused = all.filter(isRefused);
  if (variants.length === 0) {
    const found = refused.flatMap((one) => one.problems.map(relocate(one, places)));
    return { problems: [...told([NOBODY_LEFT]).problems, ...withVariants(found, all.length)] };
  }
  const compared = all[baseline];
  if (isRefused(compared)) return told([baselineProblem(compared)]);
  const problem = warmupProblem(sweep, variants) ?? differenceProblem(sweep, variants.length);
  if (problem !== undefined) return told([problem]);
  const leftOut = refused.map(({ name, levels, reservations }) => ({ name, levels, reservations }));
  const position = variants.indexOf(compared);
  return { sweep, variants, leftOut, baseline: position, fleetFile, places };
}

const NOBODY_ASKED: AskSeeds = async () => [];

const NOBODY_LEFT: Finding = {
  path: ['onRefusedReservation'],
  message: 'the reservation of every variant is refused, so none is left to run',
};

function isReady(one: ReadyVariant | RefusedVariant): one is ReadyVariant {
  return !isRefused(one);
}

function isRefused(one: ReadyVariant | RefusedVariant): one is RefusedVariant {
  return 'reservations' in one;
}

function readBase({ base }: SweepFile, tree: YamlTree, file: string): Base | Problems {
  if (typeof base !== 'string') {
    const inSweep = placer(tree, file);
    const place: PlaceProblem = (one) => inSweep({ ...one, path: ['base', ...one.path] });
    return { value: (tree.value as { base: unknown }).base, fleetFile: file, place };
  }
  const fleetFile = resolve(file === '-' ? '.' : dirname(file), base);
  const notABase = ({ message, suggestion }: Pick<Finding, 'message' | 'suggestion'>) =>
    placer(tree, file)({ path: ['base'], message: `${base}: ${message}`, suggestion });
  const input = readInput(fleetFile);
  if ('problem' in input) {
    return { problems: [notABase(input.problem)] };
  }
  const fleetTree = readTree(input.text);
  if ('faults' in fleetTree) {
    const problems = fleetTree.faults.map((fault) => ({ file: fleetFile, path: '', ...fault }));
    return { problems: sortProblems(problems) };
  }
  const place = placer(fleetTree, fleetFile);
  if (fleetTree.findings.length > 0) {
    return { problems: sortProblems(fleetTree.findings.map(place)) };
  }
  const other = otherKind(fleetTree.value, 'fleetVersion');
  if (other !== undefined) return { problems: [notABase(other)] };
  return { value: fleetTree.value, fleetFile, place };
}

/** What each variant is made ready with. */
interface Making {
  readonly base: Base;
  /** Under which a variant's reservation is asked for. */
  readonly seeds: SeedRange;
  readonly warmup: SweepFile['warmup'];
  readonly asking: Asking;
  /** A variant whose reservation is refused is no problem. */
  readonly leavesOut: boolean;
  readonly progress: CheckProgress | undefined;
}

async function readyAll(
  variants: readonly Variant[],
  making: Making,
  places: Places,
): Promise<{ readonly all: readonly (ReadyVariant | RefusedVariant)[] } | Problems> {
  const { progress } = making;
  const all: (ReadyVariant | RefusedVariant)[] = [];
  const found: Found[] = [];
  const checked = progress?.steps('variants checked');
  for (const [i, variant] of variants.entries()) {
    const one = await readyVariant(variant, making);
    checked?.(i + 1, variants.length);
    if ('name' in one) all.push(one);
    else found.push(...one.problems.map(relocate(variant, places)));
  }
  if (found.length === 0) return { all };
  return { problems: sortProblems(withVariants(found, variants.length)) };
}

async function readyVariant(
  variant: Variant,
  { base, seeds, warmup, asking, leavesOut, progress }: Making,
): Promise<ReadyVariant | RefusedVariant | Problems> {
  let value = base.value;
  for (const { path, value: given } of variant.settings) {
    const argument = formatPath(path);
    const set = applySetting(value, { argument, path, value: given });
    if ('problem' in set) {
      return { problems: [{ ...set.problem, file: base.fleetFile, path: argument }] };
    }
    value = set.value;
  }
  const fleetText = JSON.stringify(value);
  const loaded: LoadedFleet | Problems = loadFleet(fleetText, base.fleetFile);
  if ('problems' in loaded) return loaded;
  const { fleet, problemAt } = loaded;
  const seeded = { ...loaded, fleet: { ...fleet, seed: replicationSeed(seeds.first, 0) } };
  const started = await startFleet(seeded, base.fleetFile, progress);
  const always = 'problems' in started ? started.refused : [];
  if ('problems' in started && always.length === 0) return started;
  const drawn = await refusedWhereDrawn(fleet, seeds, asking, progress);
  const reservations = leftOutReservations(always, drawn, seeds);
  const findings = leftOutFindings(fleet, reservations, drawn);
  if (reservations.length > 0 && leavesOut) {
    return { ...variant, fleet, reservations, problems: findings.map(problemAt) };
  }
  if (reservations.length > 0) {
    return { problems: findings.map((one, i) => problemAt(orLeaveOut(one, reservations[i]))) };
  }
  if ('problems' in started) return started;
  const { contents, requests, firstAskMs } = started;
  const remarks = [...started.remarks, ...warmupRemarks(warmup, firstAskMs)];
  return { ...variant, fleetText, fleet, contents, requests, remarks };
}

/** What all others are compared with has to be run. */
function baselineProblem({ name, problems }: RefusedVariant): Finding {
  const message = `the baseline ${name} would be left out: ${problems[0].message}`;
  return { path: ['compare'], message, suggestion: 'compare with a variant that can be reserved' };
}

/** A difference needs two variants. */
function differenceProblem({ seeds }: SweepFile, variants: number): Finding | undefined {
  if (!('until' in seeds) || seeds.until.of === 'mean' || variants > 1) return undefined;
  const message = 'there is one variant only, so no difference to be precise about';
  return { path: ['seeds', 'until', 'of'], message };
}

function warmupRemarks(warmup: SweepFile['warmup'], firstAskMs = 0): string[] {
  return warmup !== undefined && 'time' in warmup ? emptyWarmup(warmup.time, firstAskMs) : [];
}

/** By number: what a time leaves is found by the runs. */
function warmupProblem(
  { warmup }: SweepFile,
  variants: readonly ReadyVariant[],
): Finding | undefined {
  if (warmup === undefined || !('requests' in warmup)) return undefined;
  const short = variants.find(({ requests }) => requests <= warmup.requests);
  if (short === undefined) return undefined;
  const message = `leaves no request to count (${short.name})`;
  return { path: ['warmup', 'requests'], message };
}
