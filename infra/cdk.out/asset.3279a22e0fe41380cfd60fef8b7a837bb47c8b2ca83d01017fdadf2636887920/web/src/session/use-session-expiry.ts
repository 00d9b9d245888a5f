import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { sessionQuery } from '../queries/session.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const GRACE_MS = 500;

/** Asks for the session anew when it should be over: the server's refusal then leads to sign-in. */
export function useSessionExpiry(expiresAt: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (expiresAt === undefined) return undefined;
    const leftMs = Math.max(0, Date.parse(expiresAt) - Date.now()) + GRACE_MS;
    if (!(leftMs < LONGEST_TIMER_MS)) return undefined;
    const timer = setTimeout(() => void client.refetchQueries({ queryKey: sessionQuery.queryKey }), leftMs);
    return () => clearTimeout(timer);
  }, [client, expiresAt]);
}
