export { keyIdOfPublicKey, openSigner } from './signer.ts';
