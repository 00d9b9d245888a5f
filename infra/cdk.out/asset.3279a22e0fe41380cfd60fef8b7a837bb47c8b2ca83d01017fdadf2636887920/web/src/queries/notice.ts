import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useNotice(decisionId: string) {
  return useQuery({
    queryKey: ['notice', decisionId],
    queryFn: ({ signal }) => call('getNotice', { params: { decisionId }, query: { format: 'json' }, signal }),
  });
}
