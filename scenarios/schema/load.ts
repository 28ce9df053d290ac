/**
 * A scenario's text to a checked scenario, or to everything that is wrong with it.
 *
 * Stages: text → tree → present version → `--set` → schema → contradictions. Each stage needs the
 * one before; within a stage all problems are told at once, in the order of the text.
 * Invariant: whatever the text, the answer is a scenario or at least one problem; nothing is thrown.
 * Trade-off: JSON is read as the YAML it is, so a comment in a JSON file is allowed.
 */
import { IssueExplainer } from './explain-issue.js';
import { migrateScenario } from './migrate.js';
import { type ParentShape, parentShape } from './parent-topology.js';
import { formatPath, isWithin, type Path } from './path.js';
import { type Finding, type Problem, quoteValue, sortProblems } from './problem.js';
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
  const tree = readTree(text);
  if ('faults' in tree) {
    return { problems: sortProblems(tree.faults.map((fault) => ({ file, path: '', ...fault }))) };
  }
  const settings = readSettings(sets);
  if ('problems' in settings) return settings;
  const source = sourceOf(tree, file, settings);
  const unsound = (findings: readonly Finding[]): LoadProblems => ({
    problems: sortProblems([...tree.findings, ...findings].map(source.problemAt)),
  });
  if (!isMapping(tree.value)) return unsound([notAMapping(tree.value)]);
  const migrated = migrateScenario(tree.value);
  if ('finding' in migrated) return unsound([migrated.finding]);
  const set = applySettings(migrated.value, settings);
  if ('problems' in set) return set;
  const checked = scenarioSchema.safeParse(set.value);
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, MOST_EXPLAINED);
    const wrong = new IssueExplainer(scenarioSchema, set.value).explain(issues);
    return unsound([...wrong, ...parentFindings(set.value)]);
  }
  const scenario = checked.data;
  const parent = parentShape(scenario.parent);
  if ('findings' in parent) return unsound([...parent.findings, ...findContradictions(scenario)]);
  const contradictions = findContradictions(scenario, parent);
  if (contradictions.length > 0 || tree.findings.length > 0) return unsound(contradictions);
  return { scenario, parent, source };
}

/** The parent is looked at even when another part of the file is malformed. */
function parentFindings(value: unknown): readonly Finding[] {
  const checked = parentSchema.safeParse(isMapping(value) ? value.parent : undefined);
  const shape = checked.success ? parentShape(checked.data) : undefined;
  return shape !== undefined && 'findings' in shape ? shape.findings : [];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAMapping(value: unknown): Finding {
  const suggestion = 'start with schemaVersion: 1; `hypercarve init` writes an example';
  if (value === null) return { path: [], message: 'the file is empty', suggestion };
  const message = `a scenario is a mapping (key: value), not ${quoteValue(value)}`;
  return { path: [], message, suggestion };
}

function readSettings(sets: readonly string[]): readonly Setting[] | LoadProblems {
  const parsed = sets.map(parseSetting);
  const problems = parsed.flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (problems.length > 0) return { problems };
  return parsed.flatMap((one) => ('problem' in one ? [] : [one]));
}

function applySettings(
  value: unknown,
  settings: readonly Setting[],
): { readonly value: unknown } | LoadProblems {
  let result = value;
  for (const setting of settings) {
    const applied = applySetting(result, setting);
    if ('problem' in applied) return { problems: [applied.problem] };
    result = applied.value;
  }
  return { value: result };
}

function sourceOf(tree: YamlTree, file: string, settings: readonly Setting[]): ScenarioSource {
  const writer = (path: Path): Setting | undefined =>
    settings.findLast((setting) => isWithin(path, setting.path));
  const problemAt = ({ path, atKey, message, suggestion }: Finding): Problem => {
    const words = { path: formatPath(path), message, ...(suggestion && { suggestion }) };
    const setting = writer(path);
    if (setting !== undefined) return { file: settingName(setting.argument), ...words };
    return { file, ...tree.locate(path, atKey), ...words };
  };
  return { file, problemAt };
}
