import { IconDatabaseOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './states.module.css';

type Props = { readonly title: string; readonly icon?: ReactNode; readonly children?: ReactNode };

/** Nothing to show, why, and what would change that. */
export function EmptyState({ title, icon = <IconDatabaseOff size={28} stroke={1.4} />, children }: Props) {
  return (
    <section className={classes['empty']}>
      {icon}
      <h2 className={classes['emptyTitle']}>{title}</h2>
      {children === undefined ? null : <p className={classes['emptyText']}>{children}</p>}
    </section>
  );
}
