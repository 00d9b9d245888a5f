import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type DecisionsFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly applicationId?: string | undefined;
  readonly borrowerId?: string | undefined;
};

export function useDecisions(filter: DecisionsFilter) {
  return useQuery({
    queryKey: ['decisions', filter],
    queryFn: ({ signal }) => call('listDecisions', { query: filter, signal }),
    placeholderData: keepPreviousData,
  });
}
