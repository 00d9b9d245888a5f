import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyProof,
  GrowingTree,
  HASH_BYTES,
  inclusionProof,
  isConsistent,
  leafAt,
  leafHash,
  rootFromInclusion,
  rootOf,
} from './merkle.ts';

/** The test vectors that implementations of RFC 6962 share. */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leavesOf = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`record ${index}`))));

test('roots are those of the known vectors, and of nothing is the hash of nothing', () => {
  const tree = new GrowingTree();
  assert.equal(tree.root().toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  for (const [index, input] of INPUTS.entries()) {
    tree.append(leafHash(Buffer.from(input, 'hex')));
    assert.equal(tree.root().toString('hex'), ROOTS[index]);
  }
});

test('a tree goes on from its complete subtrees as if it had never stopped', () => {
  const leaves = leavesOf(77);
  for (let cut = 0; cut <= 77; cut++) {
    const first = new GrowingTree();
    for (let index = 0; index < cut; index++) first.append(leafAt(leaves, index));
    const second = new GrowingTree({ size: first.size, peaks: first.peaks });
    for (let index = cut; index < 77; index++) second.append(leafAt(leaves, index));
    assert.deepEqual(second.root(), rootOf(leaves));
  }
  assert.throws(() => new GrowingTree({ size: 3, peaks: [leafAt(leaves, 0)] }), /complete subtrees/);
});

test('each leaf is proved in, no other leaf, place or size is, and twenty hashes do for a million', () => {
  const size = fc.integer({ min: 1, max: 130 });
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (count, at, other) => {
      const leaves = leavesOf(count);
      const index = at % count;
      const proof = inclusionProof(leaves, index, count);
      const root = rootOf(leaves);
      const rootVia = (leaf: Buffer, place: number, of = count) =>
        rootFromInclusion(leaf, { index: place, size: of }, proof)?.equals(root) ?? false;
      assert.ok(proof.length <= Math.ceil(Math.log2(Math.max(count, 2))));
      assert.ok(rootVia(leafAt(leaves, index), index));
      const wrong = other % count;
      if (wrong !== index) assert.ok(!rootVia(leafAt(leaves, wrong), index) && !rootVia(leafAt(leaves, index), wrong));
      assert.ok(!rootVia(leafHash(Buffer.from('another')), index));
    }),
  );
  const million = Buffer.alloc(1_000_000 * HASH_BYTES, 7);
  assert.equal(inclusionProof(million, 0, 1_000_000).length, 20);
});

test('an earlier tree is proved to be the beginning of a later one, and nothing else is', () => {
  const leaves = leavesOf(70);
  const rooted = (size: number) => ({ size, root: rootOf(leaves, 0, size) });
  for (let from = 0; from <= 70; from++) {
    for (let to = Math.max(from, 1); to <= 70; to++) {
      const proof = consistencyProof(leaves, from, to);
      assert.ok(isConsistent(rooted(from), rooted(to), proof), `${from} of ${to}`);
      if (from === 0) continue;
      const changed = { size: from, root: leafHash(rooted(from).root) };
      assert.ok(!isConsistent(changed, rooted(to), proof), `${from} of ${to} changed`);
    }
  }
  assert.ok(!isConsistent(rooted(5), rooted(4), []));
});
