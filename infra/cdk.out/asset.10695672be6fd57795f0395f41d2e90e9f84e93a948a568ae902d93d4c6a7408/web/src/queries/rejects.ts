import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export type RejectsFilter = {
  readonly page: number;
  readonly pageSize: number;
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
};

export function useRejects(filter: RejectsFilter) {
  return useQuery({
    queryKey: ['rejects', filter],
    queryFn: ({ signal }) => call('listRejects', { query: filter, signal }),
    placeholderData: keepPreviousData,
  });
}
