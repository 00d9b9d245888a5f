import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';
import { LIVE_MS } from './stream.ts';

export function useRecentDecisions(borrowerId: string | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['recent-decisions', borrowerId],
    queryFn: ({ signal }) => call('listDecisions', { query: { page: 1, pageSize: 20, borrowerId }, signal }),
    enabled,
    refetchInterval: LIVE_MS,
    refetchIntervalInBackground: false,
  });
}
