import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { call } from '../http/call.ts';

/** Runs a query; `cancel` hangs up, which stops it on the server. */
export function useRunSql() {
  const underWay = useRef<AbortController>(null);
  const mutation = useMutation({
    mutationFn: (query: { sql: string; maxRows?: number }) => {
      underWay.current?.abort();
      underWay.current = new AbortController();
      return call('runSql', { body: query, signal: underWay.current.signal });
    },
  });
  const cancel = () => {
    underWay.current?.abort();
    mutation.reset();
  };
  return { ...mutation, cancel };
}
