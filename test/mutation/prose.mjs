/**
 * What is prose to the mutation test: a text of three words or more, such as a rule's sentence, a
 * message or a remedy. Such a text says nothing to the model, so it is not mutated; ids, codes and
 * texts of one or two words are. The numbers inside a message are code and stay mutated.
 *
 * Invariant: it looks at the literal alone, never at a file or a name, so that no rule can hide.
 */
const WORDS = 3;

/** Whether a text reads as a sentence; the holes of a template count as a word each. */
export function isProse(text) {
  return text.trim().split(/\s+/).length >= WORDS && /[a-z]{2}/.test(text);
}

/** The text of a literal node, or undefined for any other node. */
function textOf(node) {
  if (node.type === 'StringLiteral') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.raw).join('0');
  return undefined;
}

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'prose',
    value: {
      shouldIgnore(path) {
        const text = textOf(path.node);
        return text !== undefined && isProse(text) ? 'prose of three words or more' : undefined;
      },
    },
  },
];
