import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** Asked for only where the role may see protected groups. */
export function useStrategyGroups(enabled: boolean) {
  return useQuery({
    queryKey: ['strategy-groups'],
    queryFn: ({ signal }) => call('getStrategyGroups', { signal }),
    enabled,
  });
}
