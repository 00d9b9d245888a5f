// Checks a proof that a decision is under a signed checkpoint, with nothing of Assay:
//   node check-proof.mjs proof.json signing-<keyId>.pub.pem
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [proofFile, keyFile] = process.argv.slice(2);
const proof = JSON.parse(readFileSync(proofFile, 'utf8'));
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

// 1. from the record to the root of the Merkle tree (RFC 6962 hashes, RFC 9162 2.1.3.2)
let root = sha256(Buffer.from([0]), Buffer.from(proof.record));
let [node, last] = [proof.index, proof.size - 1];
for (const sibling of proof.path.map((hex) => Buffer.from(hex, 'hex'))) {
  const isRight = node % 2 === 1 || node === last;
  root = isRight ? sha256(Buffer.from([1]), sibling, root) : sha256(Buffer.from([1]), root, sibling);
  while (isRight && node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
  [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
}

// 2. that root is the one the checkpoint states for this register and size
const { body, signature } = JSON.parse(proof.checkpoint);
const tree = body.trees.find(({ register }) => register === proof.register);
const isIncluded = last === 0 && tree.size === proof.size && tree.root === root.toString('hex');

// 3. the checkpoint is signed by the lender's key: its line is {"body":…,"keyId":…,"signature":…}, the signature is over the body's text
const signedText = proof.checkpoint.slice('{"body":'.length, proof.checkpoint.lastIndexOf(',"keyId":'));
const key = createPublicKey(readFileSync(keyFile));
const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
const isSigned = verify(digest, Buffer.from(signedText), key, Buffer.from(signature, 'base64'));

console.log(
  isIncluded && isSigned ? `in the record since ${body.at}: number ${proof.index + 1} of ${proof.size}` : 'NOT PROVED',
);
process.exit(isIncluded && isSigned ? 0 : 1);
