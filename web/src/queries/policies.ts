import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function usePolicies() {
  return useQuery({ queryKey: ['policies'], queryFn: ({ signal }) => call('listPolicies', { signal }) });
}
