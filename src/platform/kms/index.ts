export { type Kms, openKms } from './kms.ts';
