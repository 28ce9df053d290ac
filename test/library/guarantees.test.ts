/**
 * README's guarantees: each row names a test that exists, a bound and a last value.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is wrong with the guarantees table of a text. */
function complaints(text: string): string[] {
  const [, section = ''] = /^## Guarantees\n([\s\S]*?)^## /m.exec(text) ?? [];
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  if (rows.length < 2) return ['there is no table'];
  return rows.slice(1).flatMap((row) => {
    const [claim, bound, test, value] = row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const links = [...test.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
    const empty = claim === '' || bound === '' || value === '' || links.length === 0;
    const missing = links.filter(
      (link) => !link.endsWith('.test.ts') || !existsSync(join(root, link)),
    );
    return [
      ...(empty ? [`incomplete: ${row}`] : []),
      ...missing.map((link) => `no such test: ${link}`),
    ];
  });
}

describe('guarantees', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');

  it('every row has a claim, a bound, a test that exists and a value', () => {
    expect(complaints(text)).toEqual([]);
  });

  it('complains about a test that is not there, and about an empty table', () => {
    const moved = text.replace('(test/oracle/harness.test.ts)', '(test/oracle/gone.test.ts)');
    expect(complaints(moved)).toEqual(['no such test: test/oracle/gone.test.ts']);
    expect(complaints('## Guarantees\n\n## More\n')).toEqual(['there is no table']);
  });

  it('caveats come first', () => {
    expect(text.indexOf('## CAVEATS')).toBeGreaterThan(0);
    expect(text.indexOf('## CAVEATS')).toBeLessThan(text.indexOf('## Guarantees'));
  });
});
