/** All scopes, small ones first. Invariant: names are unique and begin with their platform's. */
import { NITRO_LISTS } from './nitro-lists.js';
import { NITRO_SCOPES } from './nitro-scopes.js';
import { NITRO_SLOTS } from './nitro-slots.js';
import { NITRO_VCPUS } from './nitro-vcpus.js';
import { QINGTIAN_SCOPES } from './qingtian-scopes.js';
import type { Scope } from './scope.js';
import { VM_SCOPE } from './vm-scopes.js';

const ALL = [
  ...QINGTIAN_SCOPES,
  ...NITRO_SCOPES,
  ...NITRO_LISTS,
  NITRO_SLOTS,
  NITRO_VCPUS,
  VM_SCOPE,
];

export const SCOPES: readonly Scope[] = [
  ...ALL.filter(({ size }) => size === 'small'),
  ...ALL.filter(({ size }) => size === 'large'),
];

export function findScope(name: string): Scope | undefined {
  return SCOPES.find((scope) => scope.name === name);
}
