import { stat } from 'node:fs/promises';
import type { CommandContext } from '../context.ts';

export type IngestProgress = {
  readonly bytes: (read: number) => void;
  readonly update: (counts: { readonly rows: number; readonly rejected: number }) => void;
  readonly end: () => void;
};

const BAR_FORMAT = '  sending {bar} {percentage} %  {rows} rows, {rejected} rejected';

/** A bar over the bytes of the file, on a terminal only. */
export async function ingestProgress(context: CommandContext, path: string): Promise<IngestProgress> {
  if (!context.isTerminal) return { bytes: () => {}, update: () => {}, end: () => {} };
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar({ format: BAR_FORMAT, clearOnComplete: true, hideCursor: true });
  bar.start((await stat(path)).size, 0, { rows: 0, rejected: 0 });
  return {
    bytes: (read) => bar.update(read),
    update: ({ rows, rejected }) => bar.update({ rows, rejected }),
    end: () => bar.stop(),
  };
}
