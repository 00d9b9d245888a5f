import { Alert, Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '../contract.ts';
import classes from './states.module.css';

type Props = {
  readonly problem: Problem;
  readonly onRetry?: () => void;
  readonly retrying?: boolean;
};

/** A problem as the API told it, with what to do. */
export function ProblemState({ problem, onRetry, retrying = false }: Props) {
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={problem.status === 0 ? problem.title : `${problem.title} (${problem.status})`}
      role="alert"
    >
      <p className={classes['detail']}>{problem.detail}</p>
      {problem.errors === undefined || problem.errors.length === 0 ? null : (
        <ul className={classes['errors']}>
          {problem.errors.map((error) => (
            <li key={`${error.path}:${error.message}`}>
              <span className="mono">{error.path || '(whole request)'}</span>: {error.message}
            </li>
          ))}
        </ul>
      )}
      {onRetry === undefined ? null : (
        <Button size="xs" variant="default" onClick={onRetry} loading={retrying}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
