import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type DecisionsFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly applicationId?: string | undefined;
  readonly borrowerId?: string | undefined;
};

/** @param enabled false for those who may not see decisions */
export function useDecisions(filter: DecisionsFilter, enabled = true) {
  return useQuery({
    queryKey: ['decisions', filter],
    queryFn: ({ signal }) => call('listDecisions', { query: filter, signal }),
    enabled,
    placeholderData: keepPreviousData,
  });
}
