/**
 * A scenario's text to a checked scenario, or to everything that is wrong with it.
 *
 * Stages: text → tree → present version → `--set` → schema and contradictions. The last two are
 * asked of the same value, so a wrong unit hides no unknown name; problems come in the order of the
 * text. Only a text that is no YAML, or of a newer version, ends the search early.
 * Invariant: whatever the text, the answer is a scenario or at least one problem; nothing is thrown.
 * Trade-off: JSON is read as the YAML it is, so a comment in a JSON file is allowed.
 */
import { type ExpectedId, expectedIds } from './expected-ids.js';
import { IssueExplainer } from './explain-issue.js';
import { notAMapping, otherKind } from './file-kind.js';
import { checkFreeRanges } from './free-ranges.js';
import { migrateScenario } from './migrate.js';
import { type ParentShape, parentShape } from './parent-topology.js';
import { formatPath, isWithin, type Path } from './path.js';
import { isMapping, under } from './plain.js';
import { statedPlatforms } from './platforms.js';
import { type Finding, type Problem, sortProblems } from './problem.js';
import { parentFindings } from './readable-parent.js';
import { findContradictions } from './references.js';
import { parentSchema, type Scenario, scenarioSchema } from './scenario.js';
import { applySetting, parseSetting, type Setting, settingName } from './set.js';
import { readTree, type YamlTree } from './yaml-tree.js';

/** Where a scenario came from, so that a later check can point into its text. */
export interface ScenarioSource {
  readonly file: string;
  /** A problem at a path, placed in the text or at the `--set` argument that wrote it. */
  readonly problemAt: (finding: Finding) => Problem;
}

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** The parent that `scenario.parent` describes, built once here. */
  readonly parent: ParentShape;
  readonly source: ScenarioSource;
}

export interface LoadProblems {
  readonly problems: readonly Problem[];
  /** What a platform can be asked about in spite of them; absent = nothing. */
  readonly readable?: ReadableParts;
}

export interface ReadableParts {
  /** As stated, known or not. */
  readonly platforms: readonly string[];
  readonly options: Scenario['options'];
  /** Absent when the parent is malformed or contradicts itself. */
  readonly parent?: Scenario['parent'];
  /** Rules and codes that expectations name. */
  readonly expected: readonly ExpectedId[];
  readonly source: ScenarioSource;
}

/** Issues of the schema put into words: more than are listed, far fewer than a bad file can have. */
const MOST_EXPLAINED = 200;

/**
 * Loads a scenario from YAML or JSON text.
 * @param file name for messages, "-" for standard input
 * @param sets `path=value` arguments, applied in order
 */
export function loadScenario(
  text: string,
  file: string,
  sets: readonly string[] = [],
): LoadedScenario | LoadProblems {
  const settings = readSettings(sets);
  const tree = readTree(text);
  if ('faults' in tree) {
    const faults = sortProblems(tree.faults.map((fault) => ({ file, path: '', ...fault })));
    return { problems: [...settings.problems, ...faults] };
  }
  const source = sourceOf(tree, file, settings.read);
  const unsound = (findings: readonly Finding[], more: readonly Problem[] = []): LoadProblems => ({
    problems: [...more, ...sortProblems([...tree.findings, ...findings].map(source.problemAt))],
  });
  if (!isMapping(tree.value))
    return unsound([notAMapping(tree.value, 'schemaVersion')], settings.problems);
  const other = otherKind(tree.value, 'schemaVersion');
  if (other !== undefined) return unsound([other], settings.problems);
  const migrated = migrateScenario(tree.value);
  if (!('value' in migrated)) return unsound([migrated.finding], settings.problems);
  const applied = applySettings(migrated.value, settings.read);
  const problems = [...settings.problems, ...applied.problems];
  const findings = [
    ...(migrated.finding === undefined ? [] : [migrated.finding]),
    ...findContradictions(applied.value),
  ];
  const checked = scenarioSchema.safeParse(applied.value);
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, MOST_EXPLAINED);
    const wrong = new IssueExplainer(scenarioSchema, applied.value).explain(issues);
    const parent = parentFindings(under(applied.value, 'parent'));
    const readable = readableOf(applied.value, parent, source);
    return { ...unsound([...wrong, ...findings, ...parent], problems), readable };
  }
  const scenario = checked.data;
  const parent = parentShape(scenario.parent);
  const inParent =
    'findings' in parent ? parent.findings : checkFreeRanges(scenario.parent.memoryLayout, parent);
  const all = [...findings, ...inParent];
  const sound = all.length + problems.length + tree.findings.length === 0;
  if (sound && !('findings' in parent)) return { scenario, parent, source };
  return { ...unsound(all, problems), readable: readableOf(applied.value, inParent, source) };
}

/** The parts of a malformed scenario that a platform can look at all the same. */
function readableOf(
  value: unknown,
  inParent: readonly Finding[],
  source: ScenarioSource,
): ReadableParts {
  const parent = parentSchema.safeParse(under(value, 'parent'));
  const options = scenarioSchema.shape.options.safeParse(under(value, 'options'));
  const sound = parent.success && inParent.length === 0;
  return {
    platforms: statedPlatforms(value) ?? [],
    options: options.success ? options.data : {},
    ...(sound ? { parent: parent.data } : {}),
    expected: expectedIds(value),
    source,
  };
}

function readSettings(sets: readonly string[]): {
  readonly read: readonly Setting[];
  readonly problems: readonly Problem[];
} {
  const parsed = sets.map(parseSetting);
  return {
    read: parsed.flatMap((one) => ('problem' in one ? [] : [one])),
    problems: parsed.flatMap((one) => ('problem' in one ? [one.problem] : [])),
  };
}

/** Those that lead nowhere are left out and told. */
function applySettings(
  value: unknown,
  settings: readonly Setting[],
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  let result = value;
  const problems: Problem[] = [];
  for (const setting of settings) {
    const applied = applySetting(result, setting);
    if ('problem' in applied) problems.push(applied.problem);
    else result = applied.value;
  }
  return { value: result, problems };
}

/** Whether the text itself has something at a path. */
function stands(value: unknown, path: Path): boolean {
  let node = value;
  for (const step of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, step)) return false;
    node = (node as Readonly<Record<string | number, unknown>>)[step];
  }
  return true;
}

function sourceOf(tree: YamlTree, file: string, settings: readonly Setting[]): ScenarioSource {
  const writer = (path: Path): Setting | undefined =>
    settings.findLast((setting) => isWithin(path, setting.path)) ??
    (stands(tree.value, path) ? undefined : settings.findLast(({ path: p }) => isWithin(p, path)));
  const problemAt = ({ path, atKey, message, suggestion }: Finding): Problem => {
    const words = { path: formatPath(path), message, ...(suggestion && { suggestion }) };
    const setting = writer(path);
    if (setting !== undefined) return { file: settingName(setting.argument), ...words };
    return { file, ...tree.locate(path, atKey), ...words };
  };
  return { file, problemAt };
}
