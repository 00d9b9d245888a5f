import type { Signer } from '../contract.ts';
import { type AuditFiles, appendDurably, readCheckpointFile } from './checkpoint-files.ts';
import type { CheckpointStore } from './checkpoint-store.ts';

/**
 * Brings the checkpoint file of this machine up to what the store has; a store that is behind (it was named later than the file was begun)
 * gets what it lacks. What is fetched is verified like any line, when the file is read.
 */
export async function followStore(
  { store, portfolio }: { readonly store: CheckpointStore; readonly portfolio: string },
  files: AuditFiles,
  verify: Signer['verify'],
): Promise<void> {
  const { checkpoints } = await readCheckpointFile(files.checkpoints, verify);
  const last = checkpoints.at(-1)?.body.number ?? 0;
  const stored = await store.from(portfolio, Math.max(1, last));
  if (last > 0 && stored[0]?.number !== last) {
    for (const { body, line } of checkpoints) await store.put(portfolio, { number: body.number, line });
  }
  const newer = stored.filter(({ number }) => number > last).map(({ line }) => `${line}\n`);
  if (newer.length > 0) await appendDurably(files.checkpoints, newer.join(''));
}
