import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useModels() {
  return useQuery({ queryKey: ['models'], queryFn: ({ signal }) => call('listModels', { signal }) });
}
