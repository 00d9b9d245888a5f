import { Skeleton } from '@mantine/core';
import classes from './states.module.css';

/** Grey shapes where the figures will be. */
export function Waiting({ subject, blocks = 2 }: { readonly subject: string; readonly blocks?: number }) {
  return (
    <div role="status" aria-label={`Loading ${subject}`} className={classes['stack']}>
      <Skeleton height={72} radius="sm" />
      {Array.from({ length: blocks }, (_, block) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={block} height={240} radius="sm" />
      ))}
    </div>
  );
}
