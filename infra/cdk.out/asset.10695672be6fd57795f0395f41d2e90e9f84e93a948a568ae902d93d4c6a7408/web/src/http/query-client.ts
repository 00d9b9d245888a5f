import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ProblemError, UNREACHED } from './problem-error.ts';

const RETRIES = 2;

/** Retries only what may mend itself: an unreached server or an overloaded one, never a refusal. */
function mayMend(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.problem.code === UNREACHED || error.status === 429 || error.status === 503;
}

/** @param onSignedOut called when any answer says that the session is over. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ProblemError && error.status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < RETRIES && mayMend(error),
      },
    },
  });
}
