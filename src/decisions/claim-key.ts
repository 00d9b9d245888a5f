import { setTimeout as sleep } from 'node:timers/promises';
import type { Claim, DecisionStore, IdempotencyKey } from './store.ts';

/** Pauses between asking for a key that another process holds; six tenths of a second in all. */
const PAUSES_MS = [10, 20, 40, 80, 160, 300];

/**
 * Claims an idempotency key. One that another process holds is asked for again for a moment: that process is about to answer, so
 * that its bytes can be given, or it has just died and the primary is about to give its keys back. A client whose connection broke
 * sends once more at once, and would otherwise be told that its own dead request is still running. Held by this process, it is running.
 */
export async function claimKey(
  store: Pick<DecisionStore, 'claim'>,
  key: IdempotencyKey,
  { newId, applicationId }: { readonly newId: () => string; readonly applicationId?: string | undefined },
): Promise<Claim> {
  for (const pauseMs of PAUSES_MS) {
    const claim = await store.claim(key, newId(), applicationId);
    if (claim.kind !== 'running' || !claim.elsewhere) return claim;
    await sleep(pauseMs);
  }
  return store.claim(key, newId(), applicationId);
}
