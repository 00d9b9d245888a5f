export { check } from './check.ts';
export { runTests } from './run-tests.ts';
export { TOOLS } from './tools.ts';
