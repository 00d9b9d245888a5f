import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function usePortfolio() {
  return useQuery({ queryKey: ['portfolio'], queryFn: ({ signal }) => call('getPortfolio', { signal }) });
}
