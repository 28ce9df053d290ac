/**
 * The table of the mutation test: reads what the runs of each file left in the cache and writes
 * reports/kept/mutation.md: per room and file the mutants, the score and every survivor in one line.
 *
 * A survivor that the compiler refuses is no mutant (`'always'` where only `'always'` may stand): it is
 * left out of the count, which the compiler itself decides here, file by file. Invariant: every other
 * survivor is listed, with its explanation from survivors.json or as open. Trade-off: only errors in
 * the mutated file count, so that one answer takes a fraction of a second.
 */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { roomOf } from './rooms.js';

const CACHE = 'node_modules/.cache/mutation';
const TABLE = 'reports/kept/mutation.md';
const EXPLAINED = new URL('survivors.json', import.meta.url);

interface Mutant {
  readonly mutatorName: string;
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

interface FileOfRun {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

/** One survivor as text: the same words in survivors.json and in the table. */
interface Survivor {
  readonly line: number;
  readonly text: string;
}

interface Row {
  readonly file: string;
  readonly detected: number;
  readonly refused: number;
  readonly survivors: readonly Survivor[];
}

const explained: Readonly<Record<string, string>> = JSON.parse(readFileSync(EXPLAINED, 'utf8'));
const rows = runs().map(([file, run]) => rowOf(file, run));
const [problems, text] = tableOf(rows);
writeFileSync(`${TABLE}.new`, text);
renameSync(`${TABLE}.new`, TABLE);
for (const problem of problems) console.log(problem);
console.log(`${TABLE}: ${rows.length} files, ${problems.length} survivors without explanation`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** What the runs left, for files that are still as they were then. */
function runs(): [string, FileOfRun][] {
  if (!existsSync(CACHE)) return [];
  const files = new Map<string, FileOfRun>();
  for (const name of readdirSync(CACHE).sort()) {
    if (!name.endsWith('.json')) continue;
    const report: { files: Record<string, FileOfRun> } = JSON.parse(
      readFileSync(`${CACHE}/${name}`, 'utf8'),
    );
    for (const [file, run] of Object.entries(report.files)) {
      if (existsSync(file) && readFileSync(file, 'utf8') === run.source) files.set(file, run);
      else console.log(`${file} changed since its run: left out`);
    }
  }
  return [...files];
}

function rowOf(file: string, { source, mutants }: FileOfRun): Row {
  const detected = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout');
  const alive = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const compile = compilerOf(file);
  const [refused, survivors] = [[] as Mutant[], [] as Mutant[]];
  for (const mutant of alive) {
    (compile(mutated(source, mutant)) ? survivors : refused).push(mutant);
  }
  return {
    file,
    detected: detected.length,
    refused: refused.length,
    survivors: survivors.map((mutant) => survivorOf(source, mutant)),
  };
}

function offsetOf(source: string, { line, column }: Place): number {
  const lines = source.split('\n').slice(0, line - 1);
  return lines.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
}

function mutated(source: string, { location, replacement = '' }: Mutant): string {
  const [start, end] = [offsetOf(source, location.start), offsetOf(source, location.end)];
  return source.slice(0, start) + replacement + source.slice(end);
}

function survivorOf(source: string, mutant: Mutant): Survivor {
  const { start, end } = mutant.location;
  const original = source.slice(offsetOf(source, start), offsetOf(source, end));
  return { line: start.line, text: `${short(original)} → ${short(mutant.replacement ?? '')}` };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

/** Says whether a changed text of the file has no compile error in itself. */
function compilerOf(file: string): (text: string) => boolean {
  const read = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, '.');
  let [text, version] = [readFileSync(file, 'utf8'), 0];
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, noEmit: true }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : '0'),
    getScriptSnapshot: (name) => {
      const now = name === file ? text : ts.sys.readFile(name);
      return now === undefined ? undefined : ts.ScriptSnapshot.fromString(now);
    },
    getCurrentDirectory: () => process.cwd(),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
  });
  return (changed) => {
    [text, version] = [changed, version + 1];
    return (
      service.getSyntacticDiagnostics(file).length === 0 &&
      service.getSemanticDiagnostics(file).length === 0
    );
  };
}

function tableOf(all: readonly Row[]): readonly [readonly string[], string] {
  const open: string[] = [];
  const lines = [
    '# Mutation test',
    '',
    'Written by `npm run mutate:summary` from the runs of `npm run mutate`. Score = detected of',
    'detected and survived. Not counted: prose of three words or more, and mutants that the compiler',
    'refuses where the tests did not already. Files that stand here were run; all others were not.',
    '',
    '| room | file | detected | survived | refused by the compiler | score |',
    '|---|---|---|---|---|---|',
    ...all.map((row) => {
      const cells = [row.detected, row.survivors.length, row.refused, scoreOf([row])];
      return `| ${roomOf(row.file)?.name} | ${row.file} | ${cells.join(' | ')} |`;
    }),
    ...[...new Set(all.map(({ file }) => roomOf(file)))].map((room) => {
      const of = all.filter(({ file }) => roomOf(file) === room);
      const sum = (key: 'detected' | 'refused') => of.reduce((n, row) => n + row[key], 0);
      const alive = of.reduce((n, { survivors }) => n + survivors.length, 0);
      const cells = [sum('detected'), alive, sum('refused'), scoreOf(of)];
      return `| **${room?.name}** | ${of.length} files | ${cells.join(' | ')} |`;
    }),
    '',
    '## Survivors',
    '',
  ];
  for (const { file, survivors } of all) {
    for (const { line, text } of survivors) {
      const why = explained[`${file}: ${text}`];
      if (why === undefined) open.push(`${file}:${line}: ${text}`);
      lines.push(`- ${file}:${line} \`${text}\`: ${why ?? 'open'}`);
    }
  }
  return [open, `${lines.join('\n')}\n`];
}

function scoreOf(all: readonly Row[]): string {
  const detected = all.reduce((sum, row) => sum + row.detected, 0);
  const total = detected + all.reduce((sum, { survivors }) => sum + survivors.length, 0);
  return total === 0 ? 'no mutant' : `${((100 * detected) / total).toFixed(1)} %`;
}
