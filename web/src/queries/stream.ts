import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** How often the live page asks. The browser asks nothing while the tab is hidden. */
export const LIVE_MS = 2_000;

export function useStream() {
  return useQuery({
    queryKey: ['stream'],
    queryFn: ({ signal }) => call('getStream', { signal }),
    refetchInterval: LIVE_MS,
    refetchIntervalInBackground: false,
  });
}
