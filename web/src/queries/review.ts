import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useReview(caseId: string) {
  return useQuery({
    queryKey: ['review', caseId],
    queryFn: ({ signal }) => call('getReview', { params: { caseId }, signal }),
  });
}
