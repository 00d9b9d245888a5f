import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useCatalog() {
  return useQuery({
    queryKey: ['catalog'],
    queryFn: ({ signal }) => call('getCatalog', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
