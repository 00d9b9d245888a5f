import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../file-lock.ts';

/** One file per use of the server: who still needs it. */
export async function addUser(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${process.pid}-${randomUUID()}`);
  await writeFile(path, '');
  return path;
}

/** How many uses by processes that still run are left; files of dead ones are removed. */
export async function countUsers(directory: string): Promise<number> {
  let count = 0;
  for (const name of await readdir(directory).catch((): string[] => [])) {
    if (isAlive(Number(name.split('-')[0]))) count++;
    else await rm(join(directory, name), { force: true });
  }
  return count;
}
