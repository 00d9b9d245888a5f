import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function usePortfolio() {
  return useQuery({ queryKey: ['portfolio'], queryFn: ({ signal }) => call('getPortfolio', { signal }) });
}

/** ISO 4217's code for no currency, until the portfolio has said which. */
const NO_CURRENCY = 'XXX';

export function useCurrency(): string {
  return usePortfolio().data?.currency ?? NO_CURRENCY;
}
