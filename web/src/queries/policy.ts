import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** @param version undefined while none is chosen */
export function usePolicy(version: string | undefined) {
  return useQuery({
    queryKey: ['policies', version],
    queryFn: ({ signal }) => call('getPolicy', { params: { version: version ?? '' }, signal }),
    enabled: version !== undefined,
  });
}
