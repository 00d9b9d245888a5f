export { openKmsSigner, signerOf } from './kms-signer.ts';
export { keyIdOfPublicKey, openVerifier, verifySignature } from './public-keys.ts';
export { keyIdOfPrivateKey, openSigner, publicPemOf } from './signer.ts';
