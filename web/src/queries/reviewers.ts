import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** @param enabled false for those who may not see how others decide */
export function useReviewers(enabled: boolean) {
  return useQuery({
    queryKey: ['reviews', 'reviewers'],
    queryFn: ({ signal }) => call('listReviewers', { signal }),
    enabled,
  });
}
