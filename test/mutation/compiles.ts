/**
 * Whether a mutant compiles: one that the compiler refuses (`'always'` where only `'always'` may stand)
 * is no mutant, since nobody could have written it.
 *
 * Invariant: the options are the project's own. Trade-off: only errors in the mutated file count, so
 * that one answer takes a fraction of a second.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Says whether a changed text of the file has no compile error in itself. */
export function compilerOf(file: string): (text: string) => boolean {
  const read = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, '.');
  let [text, version] = [readFileSync(file, 'utf8'), 0];
  const service = ts.createLanguageService(
    {
      // Pure core/ needs no types of Node; without them an answer takes a fifth of the time.
      getCompilationSettings: () => ({ ...options, noEmit: true, types: [] }),
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
    },
    DOCUMENTS,
  );
  return (changed) => {
    [text, version] = [changed, version + 1];
    return (
      service.getSyntacticDiagnostics(file).length === 0 &&
      service.getSemanticDiagnostics(file).length === 0
    );
  };
}

/** Parsed once for all files. */
const DOCUMENTS = ts.createDocumentRegistry();
