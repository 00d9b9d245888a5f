import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function usePolicyChanges(version: string, against: string) {
  return useQuery({
    queryKey: ['policies', version, 'changes', against],
    queryFn: ({ signal }) => call('comparePolicies', { params: { version }, query: { with: against }, signal }),
  });
}
