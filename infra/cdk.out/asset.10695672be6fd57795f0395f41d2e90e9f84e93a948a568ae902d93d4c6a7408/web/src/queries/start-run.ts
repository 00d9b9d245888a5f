import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { StartRun } from '../contract.ts';
import { call } from '../http/call.ts';

export function useStartRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: StartRun) => call('startRun', { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['pipeline-runs'] }),
  });
}
