import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { toProblem } from '../http/problem-error.ts';
import { NoPermission } from './no-permission.tsx';
import { ProblemState } from './problem-state.tsx';
import { Waiting } from './waiting.tsx';

type Props<Data> = {
  readonly query: UseQueryResult<Data, Error>;
  /** What the answer is about, in words: "the overview". */
  readonly subject: string;
  readonly waiting?: ReactNode;
  /** What stands there when the answer holds nothing; null when it holds something. */
  readonly empty?: (data: Data) => ReactNode | null;
  readonly children: (data: Data) => ReactNode;
};

/** The four states of anything asked of the server: waiting, refused or failed, empty, there. */
export function Loaded<Data>({ query, subject, waiting, empty, children }: Props<Data>) {
  if (query.data !== undefined) return empty?.(query.data) ?? children(query.data);
  if (query.isError) {
    const problem = toProblem(query.error);
    if (problem.status === 403) return <NoPermission subject={subject} problem={problem} />;
    return <ProblemState problem={problem} onRetry={() => void query.refetch()} retrying={query.isFetching} />;
  }
  return waiting ?? <Waiting subject={subject} />;
}
