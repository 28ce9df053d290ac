/**
 * House style as a test: what a linter cannot know about this project.
 *
 * Each check is a function from a file's path and text to complaints. The invariant is: every
 * check is first shown to complain about a planted bad text, then finds nothing in the project.
 * Trade-off: checks read text, not syntax trees; comments are blanked where a comment is no code.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE_FOLDERS = ['core', 'reports', 'scenarios', 'bench', 'test'];
const MAX_LINES = 350;

/** Files that may be longer than MAX_LINES, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'core/topology/catalogue-data.ts': 'data: one line per instance type',
};

/** What may lie at the top beside dotfiles. Sources live in five folders; no other is added. */
const TOP_LEVEL = new Set([
  ...SOURCE_FOLDERS,
  ...['package.json', 'package-lock.json', 'tsconfig.json'],
  ...['README.md', 'CONTRIBUTING.md', 'LICENSE'],
]);
/** What a build, a test run or a user leaves behind; never committed (see .gitignore). */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'coverage', 'runs']);

interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface Check {
  readonly sentence: string;
  readonly complaints: (file: SourceFile) => string[];
  /** A text the check must complain about, at a path where it applies. */
  readonly planted: readonly SourceFile[];
}

/** Marks of a planted fault are assembled here, so that this file does not trip over itself. */
const word = (...parts: string[]): string => parts.join('');

/** A member named `console` or `process` is the model's own; the global of that name is not. */
const IMPURE =
  /\bDate\b|\bMath\.random\b|(?<![.\w])(?:performance|crypto|process|globalThis)\s*[.[]|=\s*process\b|(?<![.\w])console\.(?:log|error|warn|info|debug|table|trace)\b|\bset(?:Timeout|Interval|Immediate)\b|\bIntl\b|\.toLocale\w+|\.localeCompare\b/g;

const core = (text: string): SourceFile => ({ path: 'core/a/b.ts', text });
const test = (text: string): SourceFile => ({ path: 'test/a/b.test.ts', text });

const CHECKS: readonly Check[] = [
  {
    sentence: 'core/ has no clock, randomness, process, console or locale',
    complaints: inCore((file) => matches(withoutStrings(file), IMPURE)),
    planted: [
      'const t = Date.now();',
      'const r = Math.random();',
      'if (process.env.X) run();',
      'const { env } = process;',
      "console.log('x');",
      'return n.toLocaleString();',
      'names.sort((a, b) => a.localeCompare(b));',
    ].map(core),
  },
  {
    sentence: 'core/ imports no Node module',
    complaints: inCore((file) => importsOf(file).filter((to) => to.startsWith('node:'))),
    planted: ["import fs from 'node:fs';", "const os = await import('node:os');"].map(core),
  },
  {
    sentence: 'imports point one way: core <- reports <- scenarios',
    complaints: wrongDirections,
    planted: [
      core("import { html } from '../../reports/html.js';"),
      { path: 'reports/html.ts', text: "export * from '../scenarios/schema.js';" },
      { path: 'scenarios/run.ts', text: "import type { X } from '../test/kit/x.js';" },
      { path: 'reports/html.ts', text: "const b = await import('../bench/run.js');" },
    ],
  },
  {
    sentence: 'no file or folder has a catch-all name',
    complaints: ({ path }) =>
      matches(path, /(?:^|\/)(?:utils?|helpers?|commons?|types|misc|shared|stuff)(?=\.|\/|$)/g),
    planted: ['core/a/utils.ts', 'core/helpers/a.ts', 'test/types.ts', 'core/common.test.ts'].map(
      (path) => ({ path, text: '' }),
    ),
  },
  {
    sentence: 'only core/index.ts is a barrel',
    complaints: ({ path }) => (/(?<!^core)\/index\.ts$/.test(path) ? ['a barrel'] : []),
    planted: [{ path: 'core/memory/index.ts', text: '' }],
  },
  {
    sentence: 'every core module opens with a block comment',
    complaints: inCore(({ text }) => (/^\/\*\*?\s/.test(text) ? [] : ['no opening comment'])),
    planted: ["import { a } from './a.js';\n/** Late. */\n", '// One line.\n'].map(core),
  },
  {
    sentence: 'types are not escaped',
    complaints: (file) =>
      matches(withoutStrings(file), /(?::|\bas|<|\|)\s*any\b/g).concat(
        matches(file.text, new RegExp(word('@ts-', '(?:ignore|nocheck)'), 'g')),
      ),
    planted: [
      'function f(x: any) {}',
      'const y = x as any;',
      'const m = new Map<any, string>();',
      `// ${word('@ts-', 'ignore')}\n`,
    ].map(core),
  },
  {
    sentence: 'no test is focused, skipped or left for later',
    complaints: (file) =>
      matches(
        withoutStrings(file),
        /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo)\b/g,
      ),
    planted: [
      "it.only('a', () => {});",
      "describe.skip('a', () => {});",
      "it.each.skip('a', f);",
      "test.todo('a');",
    ].map(test),
  },
  {
    sentence: 'no unfinished marks',
    complaints: ({ text }) =>
      matches(
        text,
        new RegExp(`\\b(?:${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('X', 'XX')})\\b`, 'g'),
      ),
    planted: [
      `// ${word('TO', 'DO')}: later`,
      `/* ${word('FIX', 'ME')} */`,
      `// ${word('X', 'XX')} why`,
    ].map(core),
  },
  {
    sentence: 'nothing names the machine it was written on',
    complaints: ({ text }) =>
      matches(text, new RegExp(word('(?:^|[\\s\'"`(=])/', '(?:work|home|root|Users)/'), 'gm')),
    planted: [core(`const data = '${word('/', 'home/')}me/data';`)],
  },
  {
    sentence: `no file is longer than ${MAX_LINES} lines without a stated reason`,
    complaints: ({ path, text }) => {
      const lines = text.split('\n').length - 1;
      return lines > MAX_LINES && !(path in LONG_FILES) ? [`${lines} lines`] : [];
    },
    planted: [core('\n'.repeat(MAX_LINES + 1))],
  },
];

describe.each(CHECKS)('tidy: $sentence', ({ complaints, planted }) => {
  it('complains about each planted fault', () => {
    for (const file of planted) expect(complaints(file), file.path + file.text).not.toEqual([]);
  });

  it('finds nothing in the project', () => {
    const found = sources().flatMap((f) => complaints(f).map((what) => `${f.path}: ${what}`));
    expect(found).toEqual([]);
  });
});

describe('tidy: comments and strings are not code', () => {
  it('lets a comment in core name what code may not use', () => {
    const [noClock] = CHECKS;
    expect(noClock?.complaints(core('/** No Date.now here. */\n// nor process\n'))).toEqual([]);
    expect(noClock?.complaints(core("enclave.console.mode === 'process.env'"))).toEqual([]);
  });
});

describe('tidy: relative Markdown links resolve', () => {
  it('complains about a link to nowhere, and not about the web, anchors or code', () => {
    const text = '[a](no/such.md) [b](https://x.org) [c](#here) `[d](e.md)` ![p](gone.png "t")';
    expect(deadLinks({ path: 'README.md', text })).toEqual(['no/such.md', 'gone.png']);
    expect(deadLinks({ path: 'test/x.md', text: '[a](../package.json#name)' })).toEqual([]);
  });

  it('finds nothing in the project', () => {
    const pages = filesBelow('.', '.md');
    expect(pages).toContain('CONTRIBUTING.md');
    expect(
      pages.flatMap((path) => deadLinks(load(path)).map((link) => `${path}: ${link}`)),
    ).toEqual([]);
  });
});

describe('tidy: the top level is fixed', () => {
  it('complains about one file or folder too many', () => {
    expect(strangers(['core', 'src', '.gitignore', 'notes.txt'])).toEqual(['src', 'notes.txt']);
  });

  it('finds nothing in the project', () => {
    expect(strangers(readdirSync(ROOT).filter((name) => !LEFT_BEHIND.has(name)))).toEqual([]);
  });
});

describe('tidy: an exception that is no longer needed goes', () => {
  it('every listed long file exists and is still long', () => {
    const stale = Object.keys(LONG_FILES).filter(
      (path) => !existsSync(join(ROOT, path)) || load(path).text.split('\n').length <= MAX_LINES,
    );
    expect(stale).toEqual([]);
  });
});

function inCore(check: (file: SourceFile) => string[]): (file: SourceFile) => string[] {
  return (file) => (file.path.startsWith('core/') ? check(file) : []);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([found]) => found.trim());
}

/** Where each folder may import from, itself aside. bench and test may read all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  reports: ['core'],
  scenarios: ['core', 'reports'],
};

function wrongDirections(file: SourceFile): string[] {
  const from = file.path.split('/')[0] ?? '';
  const allowed = MAY_IMPORT[from];
  if (allowed === undefined) return [];
  return importsOf(file)
    .filter((to) => to.startsWith('.'))
    .map((to) => normalize(join(dirname(file.path), to)).split(/[\\/]/)[0] ?? '')
    .filter((to) => to !== from && !allowed.includes(to));
}

/** Every module a file imports or re-exports, static or dynamic, in order. */
function importsOf(file: SourceFile): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\1/g;
  return [...withoutComments(file).matchAll(pattern)].map((found) => found[2] ?? '');
}

/** A `//` inside a string survives only after a colon, as in an address: enough for our sources. */
function withoutComments({ text }: SourceFile): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<!:)\/\/.*$/gm, '');
}

function withoutStrings(file: SourceFile): string {
  return withoutComments(file).replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");
}

function deadLinks({ path, text }: SourceFile): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)]
    .map((found) => found[1] ?? '')
    .filter((link) => !/^(?:[a-z][a-z+.-]*:|#)/i.test(link))
    .filter((link) => !existsSync(join(ROOT, dirname(path), link.replace(/#.*$/, ''))));
}

function strangers(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name));
}

function sources(): SourceFile[] {
  return SOURCE_FOLDERS.flatMap((folder) => filesBelow(folder, '.ts')).map(load);
}

function load(path: string): SourceFile {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** Files with this ending below a folder, sorted; what a build leaves behind and dotfiles aside. */
function filesBelow(folder: string, ending: string): string[] {
  const found: string[] = [];
  const visit = (directory: string): void => {
    for (const name of readdirSync(directory)) {
      if (name.startsWith('.') || LEFT_BEHIND.has(name)) continue;
      const path = join(directory, name);
      if (statSync(path).isDirectory()) visit(path);
      else if (name.endsWith(ending)) found.push(relative(ROOT, path).replaceAll('\\', '/'));
    }
  };
  if (existsSync(join(ROOT, folder))) visit(join(ROOT, folder));
  return found.sort();
}
