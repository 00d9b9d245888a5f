import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useSegmentDimensions() {
  return useQuery({
    queryKey: ['segment-dimensions'],
    queryFn: ({ signal }) => call('listSegmentDimensions', { signal }),
  });
}
