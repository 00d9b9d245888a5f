export { canonicalJson, sha256Hex } from '../domain/index.ts';
