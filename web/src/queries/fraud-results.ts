import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useFraudResults() {
  return useQuery({ queryKey: ['fraud results'], queryFn: ({ signal }) => call('getFraudResults', { signal }) });
}
