import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useApplicant(applicationId: string) {
  return useQuery({
    queryKey: ['applicant', applicationId],
    queryFn: ({ signal }) => call('getApplicant', { params: { applicationId }, signal }),
  });
}
