// Before any schema is made: see there.
import './zod-jitless.ts';

/** The only part of the server the web app knows. */
export * from '../../src/api/contract.ts';
