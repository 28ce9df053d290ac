/**
 * Two choices that are easily taken for each other: `policy` of a fleet chooses the parent of an ask,
 * `extentPolicy` of a parent chooses places in its memory.
 *
 * Invariant: what is said names where the key or the word belongs. Trade-off: the words of the other
 * choice are listed here, so that reading a file loads neither; a test holds them to the real ones.
 */

const FLEET_ONLY = ['worst-fit', 'node-local-pack', 'keep-1g', 'lifetime-aware'];
const FLEET = ['first-fit', 'best-fit', ...FLEET_ONLY];
const EXTENTS_ONLY = ['granule-aware'];

/** Of a key that nothing near knows; `atTop`: keys that the top of the file knows. */
export function policyKeyElsewhere(key: string, atTop: readonly string[]): string | undefined {
  const isFleet = atTop.includes('fleet');
  if (key === 'extentPolicy' && isFleet) return IN_FLEET;
  if (key !== 'policy' || isFleet) return undefined;
  return 'a parent chooses places in memory by `extentPolicy`, in `parent`; a `policy` is of a fleet file';
}

/** Of a word under one of both keys that is a word of the other. */
export function policyWordElsewhere(key: unknown, word: unknown): string | undefined {
  if (typeof word !== 'string') return undefined;
  if (key === 'policy' && EXTENTS_ONLY.includes(word))
    return `it is an \`extentPolicy\`: ${IN_FLEET}`;
  if (key !== 'extentPolicy' || !FLEET_ONLY.includes(word)) return undefined;
  return `it is a \`policy\`, by which a fleet chooses parents: it belongs to the top of a fleet file`;
}

/** Of a file where a fleet's policy is wanted. */
export function moduleForm(policy: string): string | undefined {
  return /^[\w./-]+\.[cm]?js$/.test(policy) ? `write \`{ module: ${policy} }\`` : undefined;
}

/** Of a text under a key of `policy` that nobody knows: any text may stand there, and few are a policy. */
export function policyForm(key: unknown, text: string): string | undefined {
  if (key !== 'policy' || FLEET.includes(text)) return undefined;
  return moduleForm(text) ?? `write \`{ module: … }\`, or one of ${FLEET.join(', ')} without a key`;
}

const IN_FLEET = 'it belongs into the `parent` of an entry of `fleet`';
