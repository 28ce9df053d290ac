/** What the mutation test leaves out as an offset of 0 is one. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PREVIOUS } from '../../core/memory/bin-lists.js';
import { START } from '../../core/memory/extent-layout.js';

interface Plugin {
  readonly ZERO_OFFSETS: readonly string[];
  readonly strykerPlugins: readonly {
    readonly value: { shouldIgnore(path: { readonly node: object }): string | undefined };
  }[];
}

const { ZERO_OFFSETS, strykerPlugins }: Plugin = await import(
  new URL('./zero-offset.mjs', import.meta.url).href
);

describe('offsets of 0', () => {
  it('are those of the layouts, and nobody adds another constant of these names', () => {
    expect({ START, PREVIOUS }).toEqual(Object.fromEntries(ZERO_OFFSETS.map((name) => [name, 0])));
    const adds = new RegExp(`\\+ (${ZERO_OFFSETS.join('|')})\\b`);
    const files = readdirSync('core', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && adds.test(readFileSync(`core/${file}`, 'utf8')))
      .filter((file) => !file.startsWith('memory'));
    expect(files).toEqual([]);
  });

  it('are left out where they are added, and nowhere else', () => {
    const [{ value }] = strykerPlugins;
    const node = (operator: string, name: string) => ({
      node: { type: 'BinaryExpression', operator, right: { type: 'Identifier', name } },
    });
    expect(value.shouldIgnore(node('+', 'START'))).toBe('an offset of 0');
    expect(value.shouldIgnore(node('-', 'START'))).toBeUndefined();
    expect(value.shouldIgnore(node('+', 'FRAMES'))).toBeUndefined();
    expect(value.shouldIgnore({ node: { type: 'StringLiteral', value: 'START' } })).toBeUndefined();
  });
});
