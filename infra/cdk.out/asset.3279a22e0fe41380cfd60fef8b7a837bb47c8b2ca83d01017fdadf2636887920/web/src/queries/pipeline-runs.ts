import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

const LIVE_MS = 1500;
const IDLE_MS = 15_000;

/** Quick while a run is under way, slow otherwise: a run may be started from a terminal. */
export function usePipelineRuns() {
  return useQuery({
    queryKey: ['pipeline-runs'],
    queryFn: ({ signal }) => call('listRuns', { signal }),
    refetchInterval: ({ state }) => (state.data?.runs.some((run) => run.status === 'running') ? LIVE_MS : IDLE_MS),
  });
}
