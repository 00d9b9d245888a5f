export { type ChildRun, runInChild } from './run-in-child.ts';
