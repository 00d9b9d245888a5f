import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useClaims() {
  return useQuery({ queryKey: ['claims'], queryFn: ({ signal }) => call('getClaims', { signal }) });
}
