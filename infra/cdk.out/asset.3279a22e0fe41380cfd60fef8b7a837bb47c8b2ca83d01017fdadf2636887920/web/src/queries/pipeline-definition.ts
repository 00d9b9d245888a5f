import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function usePipelineDefinition() {
  return useQuery({
    queryKey: ['pipeline-definition'],
    queryFn: ({ signal }) => call('getPipelineDefinition', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
