import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ProvisionsQuery } from '../contract.ts';
import { call } from '../http/call.ts';

export function useProvisions(query: ProvisionsQuery) {
  return useQuery({
    queryKey: ['provisions', query],
    queryFn: ({ signal }) => call('getProvisions', { query, signal }),
    placeholderData: keepPreviousData,
  });
}
