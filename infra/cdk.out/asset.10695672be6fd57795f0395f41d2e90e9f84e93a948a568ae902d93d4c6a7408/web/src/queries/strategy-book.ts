import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useStrategyBook() {
  return useQuery({ queryKey: ['strategy-book'], queryFn: ({ signal }) => call('getStrategyBook', { signal }) });
}
