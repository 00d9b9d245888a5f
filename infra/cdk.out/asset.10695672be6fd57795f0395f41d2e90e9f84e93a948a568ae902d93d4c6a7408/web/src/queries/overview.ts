import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useOverview() {
  return useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => call('getOverview', { signal }) });
}
