import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useDataQuality() {
  return useQuery({ queryKey: ['data-quality'], queryFn: ({ signal }) => call('getDataQuality', { signal }) });
}
