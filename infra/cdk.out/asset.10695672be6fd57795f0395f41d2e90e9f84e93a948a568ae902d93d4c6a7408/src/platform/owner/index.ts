export { dieWithParent } from './die-with-parent.ts';
export * from './owner.ts';
