import { join } from 'node:path';

/** A checker of the repository: what it is called and what Node.js runs for it. */
export type Tool = { readonly name: string; readonly args: readonly string[] };

const modules = (...path: string[]): string => join('node_modules', ...path);

/** Types of the system and of the web app, lint and format. Each prints nothing but findings. */
export const TOOLS: readonly Tool[] = [
  { name: 'types', args: [modules('typescript', 'bin', 'tsc'), '-p', '.'] },
  { name: 'types of the web app', args: [modules('typescript', 'bin', 'tsc'), '-p', 'web'] },
  { name: 'lint and format', args: [modules('@biomejs', 'biome', 'bin', 'biome'), 'check'] },
];
