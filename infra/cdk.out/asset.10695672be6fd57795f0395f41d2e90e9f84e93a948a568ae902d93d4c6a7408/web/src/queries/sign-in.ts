import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SignIn } from '../contract.ts';
import { call } from '../http/call.ts';
import { sessionQuery } from './session.ts';

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SignIn) => call('signIn', { body }),
    onSuccess: ({ user, permissions, expiresAt }) => {
      // Whatever another user had on screen must not be seen by this one. The token stays in the cookie.
      client.clear();
      client.setQueryData(sessionQuery.queryKey, { user, permissions, expiresAt });
    },
  });
}
