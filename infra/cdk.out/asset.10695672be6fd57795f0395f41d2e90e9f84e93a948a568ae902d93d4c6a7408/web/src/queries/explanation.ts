import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useExplanation(decisionId: string) {
  return useQuery({
    queryKey: ['explanation', decisionId],
    queryFn: ({ signal }) => call('explainDecision', { params: { decisionId }, signal }),
  });
}
