import type { ReactNode } from 'react';
import classes from './layout.module.css';

type Props = { readonly title?: string; readonly note?: ReactNode; readonly children: ReactNode };

/** A framed part of a page. */
export function Panel({ title, note, children }: Props) {
  return (
    <section className={classes['panel']} aria-label={title}>
      {title === undefined ? null : <h2 className={classes['panelTitle']}>{title}</h2>}
      {children}
      {note === undefined ? null : <p className={classes['note']}>{note}</p>}
    </section>
  );
}

/** Panels side by side: equal columns that fold on narrow screens. `columns` is the most there are. */
export function Row({ columns, children }: { readonly columns: 2 | 3 | '2:1'; readonly children: ReactNode }) {
  return (
    <div className={classes['row']} data-columns={columns}>
      {children}
    </div>
  );
}
