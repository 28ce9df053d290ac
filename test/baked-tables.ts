/**
 * The lifecycle tables as a module that holds them ready made: what the bundle puts in the place of
 * core/lifecycle/surfaces.ts.
 *
 * Invariant: it offers `lifecycle` alone, equal table by table to the compiled ones; a bundle that
 * asks for the machines does not build.
 */
import type { LifecycleTable } from '../core/lifecycle/table.js';

/**
 * JavaScript source.
 * @param tables what `lifecycle` of surfaces.ts holds
 * @param tableModule how that source imports core/lifecycle/table.js
 */
export function bakedTables(
  tables: Readonly<Record<string, () => LifecycleTable<string, string>>>,
  tableModule: string,
): string {
  const rows = Object.entries(tables).map(([surface, compiled]) => {
    const { id, states, events, initial, next } = compiled();
    const content = JSON.stringify({ id, states, events, initial, next: [...next] });
    return `  ${surface}: onFirstUse(${content}),`;
  });
  return `import { tableOf } from ${JSON.stringify(tableModule)};
export const lifecycle = {
${rows.join('\n')}
};
function onFirstUse(content) {
  let table;
  return () => (table ??= tableOf(content));
}
`;
}
