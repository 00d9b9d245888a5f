import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useDrift() {
  return useQuery({ queryKey: ['drift'], queryFn: ({ signal }) => call('getDrift', { signal }) });
}
