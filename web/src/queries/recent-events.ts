import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';
import { LIVE_MS } from './stream.ts';

export function useRecentEvents(borrowerId: string | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['recent-events', borrowerId],
    queryFn: ({ signal }) => call('listRecentEvents', { query: { limit: 30, borrowerId }, signal }),
    enabled,
    refetchInterval: LIVE_MS,
    refetchIntervalInBackground: false,
    placeholderData: keepPreviousData,
  });
}
