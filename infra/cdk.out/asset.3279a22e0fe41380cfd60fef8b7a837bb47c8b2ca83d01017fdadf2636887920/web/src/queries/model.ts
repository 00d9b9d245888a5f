import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useModel(modelVersion: string) {
  return useQuery({
    queryKey: ['model', modelVersion],
    queryFn: ({ signal }) => call('getModel', { params: { modelVersion }, signal }),
  });
}
