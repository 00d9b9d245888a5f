import type { Lake } from '../contract.ts';

/** Whether the lake holds every one of these keys. */
export async function allThere(lake: Pick<Lake, 'exists'>, keys: readonly string[]): Promise<boolean> {
  for (const key of keys) if (!(await lake.exists(key))) return false;
  return true;
}
