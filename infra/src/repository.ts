import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds Dockerfile and package.json: the build context of every image. */
export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

export function repositoryFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
