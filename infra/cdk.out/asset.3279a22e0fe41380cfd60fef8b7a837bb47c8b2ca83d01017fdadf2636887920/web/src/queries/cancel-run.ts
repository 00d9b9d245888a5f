import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => call('cancelRun', { params: { runId }, body: {} }),
    onSuccess: (_, runId) => client.invalidateQueries({ queryKey: ['pipeline-run', runId] }),
  });
}
