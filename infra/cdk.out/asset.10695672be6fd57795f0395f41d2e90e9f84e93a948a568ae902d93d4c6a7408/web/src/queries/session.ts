import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call('getSession', { signal }),
  staleTime: 60_000,
});

export function useSession() {
  return useQuery(sessionQuery);
}
