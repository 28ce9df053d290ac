/**
 * What is nothing to the mutation test: the offset of a first word. `at + START` and `at - START` are
 * the same where START is 0, so no test could tell them apart, and none is asked.
 *
 * Invariant: every name here is 0 (a test imports them). Trade-off: told by name alone, so the names
 * must be those of the layouts of core/memory and nobody else's.
 */
export const ZERO_OFFSETS = ['START', 'PREVIOUS'];

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'zero-offset',
    value: {
      shouldIgnore({ node }) {
        if (node.type !== 'BinaryExpression' || node.operator !== '+') return undefined;
        const { right } = node;
        const isZero = right.type === 'Identifier' && ZERO_OFFSETS.includes(right.name);
        return isZero ? 'an offset of 0' : undefined;
      },
    },
  },
];
