import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

/** Tries dead letters again: those named, or all that wait. */
export function useRedrive() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deadLetterIds: string[] | undefined) =>
      call('redriveDeadLetters', { body: deadLetterIds === undefined ? {} : { deadLetterIds } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['dead-letters'] });
      await client.invalidateQueries({ queryKey: ['stream'] });
    },
  });
}
