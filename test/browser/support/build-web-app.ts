import { join } from 'node:path';
import { build } from 'vite';
import { REPOSITORY_ROOT } from '../../../src/platform/index.ts';

/** Builds the web app as it stands into a folder: what is tested is never an older build. */
export async function buildWebApp(folder: string): Promise<void> {
  await build({
    root: join(REPOSITORY_ROOT, 'web'),
    logLevel: 'silent',
    build: { outDir: folder, emptyOutDir: true },
  });
}
