import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useDecision(decisionId: string) {
  return useQuery({
    queryKey: ['decision', decisionId],
    queryFn: ({ signal }) => call('getDecision', { params: { decisionId }, signal }),
    // A record never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
}
