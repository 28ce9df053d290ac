/**
 * The tests of a mutation run and the core under them as one script, built once and evaluated anew for
 * each mutant, so that no cache a mutant filled and no constant it changed outlives it.
 *
 * Invariant: only files of the project are evaluated anew; packages are loaded once and stay. A test
 * file is evaluated when it is asked for. Trade-off: a new evaluation forgets what the compiler had
 * optimised, which costs less than what a cache poisoned by the last mutant would: a false kill.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';

/** Where the script finds the packages it imports. */
const OUTSIDE = '__hypercarveOutside';

/**
 * Builds the script. `modules` are stand-ins for packages by name; `files` and `setup` are relative to
 * `root`. Returns `load()`: a new evaluation, setup done, and `file(name)` to run a test file.
 */
export async function bundle(root, files, setup, modules) {
  const outside = new Map(Object.entries(modules));
  globalThis[OUTSIDE] = (name) => outside.get(name);
  const { outputFiles } = await build({
    stdin: { contents: entryOf(files, setup), resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: [outsidePlugin(outside), metaPlugin()],
  });
  const source = `(function (module, exports) {${outputFiles[0].text}\n})`;
  const script = new vm.Script(source, {
    filename: resolve(root, 'tests-of-this-run.cjs'),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return {
    async load() {
      const module = { exports: {} };
      script.runInThisContext()(module, module.exports);
      await module.exports.setup();
      return module.exports;
    },
  };
}

function entryOf(files, setup) {
  const path = (file) => JSON.stringify(`./${file}`);
  const cases = files.map((file) => `${JSON.stringify(file)}: () => import(${path(file)})`);
  return `const files = {${cases.join(',\n')}};
exports.file = (name) => files[name]();
exports.setup = () => import(${path(setup)});`;
}

/** Packages and Node's own modules: their names are exported one by one, as a bundle needs them. */
function outsidePlugin(outside) {
  return {
    name: 'outside',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path }) => ({ path, namespace: 'outside' }));
      onLoad({ filter: /.*/, namespace: 'outside' }, async ({ path }) => {
        if (!outside.has(path)) outside.set(path, await import(path));
        const lines = Object.keys(outside.get(path)).map((key) =>
          key === 'default'
            ? 'export default it.default;'
            : `const _${key} = it[${JSON.stringify(key)}]; export { _${key} as ${key} };`,
        );
        const head = `const it = globalThis.${OUTSIDE}(${JSON.stringify(path)});`;
        return { contents: `${head}\n${lines.join('\n')}`, loader: 'js' };
      });
    },
  };
}

/** `import.meta.url` of a bundled file is that of its source. */
function metaPlugin() {
  return {
    name: 'meta',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
      });
    },
  };
}
