import classes from './layout.module.css';

/** A share between 0 and 1 as a thin bar beside its text, in a table's cell. */
export function Bar({ share, text }: { readonly share: number; readonly text: string }) {
  return (
    <span className={classes['bar']}>
      <span className={classes['barTrack']} aria-hidden>
        <span className={classes['barFill']} style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
      </span>
      {text}
    </span>
  );
}
