import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

const LIVE_MS = 1000;

export function usePipelineRun(runId: string | undefined) {
  return useQuery({
    queryKey: ['pipeline-run', runId],
    queryFn: ({ signal }) => call('getRun', { params: { runId: runId ?? '' }, signal }),
    enabled: runId !== undefined,
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? LIVE_MS : false),
  });
}
