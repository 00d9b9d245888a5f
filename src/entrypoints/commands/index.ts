import type { RegisterCommand } from '../context.ts';
import { registerDev } from './dev.ts';
import { registerDoctor } from './doctor.ts';
import { registerEvaluate } from './evaluate.ts';

/** Every command of the CLI, in the order `assay --help` lists them. */
export const COMMANDS: readonly RegisterCommand[] = [registerEvaluate, registerDoctor, registerDev];
