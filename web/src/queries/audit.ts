import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

const REFRESH_MS = 15_000;

export function useAudit() {
  return useQuery({
    queryKey: ['audit'],
    queryFn: ({ signal }) => call('getAudit', { signal }),
    refetchInterval: REFRESH_MS,
  });
}
