import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({ mutationFn: () => call('signOut'), onSuccess: () => client.clear() });
}
