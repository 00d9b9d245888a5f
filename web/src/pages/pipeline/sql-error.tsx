import { Alert, Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { RefObject } from 'react';
import type { Problem } from '../../contract.ts';
import classes from './sql.module.css';
import { positionOf } from './sql-position.ts';

type Props = {
  readonly sql: string;
  readonly problem: Problem;
  readonly editor: RefObject<HTMLTextAreaElement | null>;
};

/** Why a query was not answered, with the line it is about and a way there. */
export function SqlError({ sql, problem, editor }: Props) {
  const position = positionOf(sql, problem);
  const show = () => {
    editor.current?.focus();
    editor.current?.setSelectionRange(position?.offset ?? 0, (position?.offset ?? 0) + 1);
  };
  const message = problem.errors?.[0]?.message ?? problem.detail;
  const where = position === undefined ? '' : `Line ${position.line}, column ${position.column}: `;
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle size={18} />} title={where + message}>
      {position === undefined ? (
        <p className={classes['detail']}>{problem.detail}</p>
      ) : (
        <>
          <pre className={classes['line']}>
            {position.text}
            {'\n'}
            {`${' '.repeat(position.column - 1)}^`}
          </pre>
          <Button size="compact-xs" variant="default" onClick={show}>
            Show in the query
          </Button>
        </>
      )}
    </Alert>
  );
}
