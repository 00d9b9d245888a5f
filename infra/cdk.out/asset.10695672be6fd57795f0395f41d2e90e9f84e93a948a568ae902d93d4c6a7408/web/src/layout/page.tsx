import { type ReactNode, useEffect } from 'react';
import classes from './layout.module.css';

type Props = {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
};

/** A page: its heading, what it is about, its actions. Also names the browser's tab. */
export function Page({ title, lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Assay`;
  }, [title]);
  return (
    <div className={classes['page']}>
      <header className={classes['heading']}>
        <div className={classes['headingText']}>
          <h1 className={classes['h1']}>{title}</h1>
          {lead === undefined ? null : <div className={classes['lead']}>{lead}</div>}
        </div>
        {actions === undefined ? null : <div className={classes['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
