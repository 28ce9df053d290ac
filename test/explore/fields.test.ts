/** Which fields of the tiny scopes vary by themselves, what is read of them, and what parts they are of. */
import { describe, expect, it } from 'vitest';
import { componentFields } from '../../core/explore/component-fields.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { search } from '../../core/explore/search.js';
import { fieldUses } from '../../core/explore/unread-fields.js';
import { TINY } from './tiny-scopes.js';

/** For each tiny scope "field of whose: pairs looked at until one was told apart". */
const READ: readonly (readonly string[])[] = [
  ['console of an enclave: 1', 'debug of an enclave: 1', 'parent of the parent: 1'],
  ['parent of the parent: 1'],
  ['state of an enclave: 1'],
  ['deviceState of an enclave: 1', 'vcpus of an enclave: 6', 'owner of frames of a node: 1'],
  ['deviceState of an enclave: 1', 'vcpus of an enclave: 1', 'parent of the parent: 1'],
  [
    'deviceState of an enclave: 1',
    'owner of frames of a node: 1',
    'vcpus of an enclave: 1',
    'pageBytes and size of a mapping: 1',
    'parent of the parent: 1',
  ],
  [
    'parent of the parent: 1',
    'vcpus of an enclave: 1',
    'deviceState of an enclave: 1',
    'fd of an enclave: 1',
    'regions of an enclave: 1',
  ],
];

describe('fields of a tiny scope', () => {
  it.each(READ.map((read, at) => ({ name: TINY[at].scope.name, read, at })))(
    '$name: all that vary by themselves are read',
    ({ read, at }) => {
      expect(usesOf(TINY[at].scope)).toEqual(read);
    },
  );

  it('one that nobody reads is told, with all pairs that were looked at', () => {
    const { scope } = TINY[0];
    // Debug mode matters to the console alone; without its steps the flag only pads the state.
    const moves = scope.moves.filter(({ label }) => !label.includes('console'));
    expect(usesOf({ ...scope, moves })).toEqual([
      'debug of an enclave: 6, unread',
      'parent of the parent: 1',
    ]);
  });

  it('are those of five kinds of parts, and tell every two of a kind apart', () => {
    const model = createRememberingModel(TINY[5].scope);
    search(model);
    const kinds = componentFields(model.source.keys);
    const first = kinds.map(({ whose, words, shift, size, fieldsOf }) => {
      const texts = new Set(Array.from({ length: size() }, (_, i) => textOf(fieldsOf(i))));
      expect([whose, texts.size]).toEqual([whose, size()]);
      expect(fieldsOf(0)).toBe(fieldsOf(0));
      return [whose, words, shift, size(), textOf(fieldsOf(0))];
    });
    expect(first).toEqual([
      [
        ...['the parent', [0], 0, 6],
        'parent="running" reservation.state="inactive" reservation.pageKib=0 reservation.memoryMib=0 bound=1 extraPins=0 dirty=[]',
      ],
      [
        ...['the CPUs', [1], 0, 4],
        'online=[1,1,1,1] pool.threadsPerCore=0 pool.parentCores=0 pool.node=-1 pool.avail=[] pool.text=""',
      ],
      [
        ...['a node', [2, 3], 0, 17],
        'owner of frames=[[0,0,0,0],[1,1,1,1],[1,1,1,1]] bounds of extents=[[1,0,0,0],[1,0,0,0],[1,0,0,0]]',
      ],
      [
        ...['an enclave', [4], 1, 58],
        'uid=0 state="INIT" cid=0 debug=0 task=1 node=1 parentCores=4 threadsPerCore=1 vcpus=[] cores=[] memoryBytes=0 ranges=0 maxRanges=65536 regions=[] donated=[] extents=[] request.vcpus=0 request.memoryMib=0 request.imageBytes=0 event=0 listed=1 fd=4 deviceState=0 console=0',
      ],
      [...['a mapping', [5], 0, 10], 'count=0'],
    ]);
    const { fieldsOf, size } = kinds[4];
    const lists = Array.from({ length: size() }, (_, i) => textOf(fieldsOf(i)));
    expect(lists.filter((text) => text.startsWith('count=2'))[0]).toBe(
      'count=2 address=17592186044416;17592219598848; pageBytes=33554432;33554432; huge=1;1; node=-1;-1; runs=[];[]; task=1;1; size=0;0;',
    );
  });
});

function textOf(fields: ReadonlyMap<string, string>): string {
  return Array.from(fields, ([name, content]) => `${name}=${content}`).join(' ');
}

function usesOf(scope: Scope): string[] {
  const model = createRememberingModel(scope, { reduced: true });
  return fieldUses(model, search(model)).map(
    ({ field, whose, pairs, read }) => `${field} of ${whose}: ${pairs}${read ? '' : ', unread'}`,
  );
}
