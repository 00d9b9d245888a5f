import type { RegisterCommand } from '../context.ts';

/** Every command of the CLI, in the order `assay --help` lists them. */
export const COMMANDS: readonly RegisterCommand[] = [];
