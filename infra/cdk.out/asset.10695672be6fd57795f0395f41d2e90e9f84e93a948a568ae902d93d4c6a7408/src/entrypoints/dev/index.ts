export { check } from './check.ts';
export { completeLockfile, forgottenPackages, readLockfile } from './complete-lockfile.ts';
export { runTests } from './run-tests.ts';
export { TOOLS } from './tools.ts';
