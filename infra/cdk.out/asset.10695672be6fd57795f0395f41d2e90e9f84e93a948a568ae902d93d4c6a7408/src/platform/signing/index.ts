export { keyIdOfPrivateKey, keyIdOfPublicKey, openSigner, publicPemOf } from './signer.ts';
