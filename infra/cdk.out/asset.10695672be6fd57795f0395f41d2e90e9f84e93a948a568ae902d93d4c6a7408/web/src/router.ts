import { createRouter } from '@tanstack/react-router';
import { createQueryClient } from './http/query-client.ts';
import { sessionQuery } from './queries/session.ts';
import { routeTree } from './routes.tsx';

/** The session is over: everything seen under it leaves the memory, and sign-in leads back to the view it was on. */
function onSignedOut(): void {
  const { pathname, href } = router.state.location;
  if (pathname === '/sign-in') return;
  const expired = client.getQueryData(sessionQuery.queryKey) !== undefined;
  client.clear();
  void router.navigate({ to: '/sign-in', search: { redirect: href, ...(expired ? { expired: true } : {}) } });
}

export const client = createQueryClient(onSignedOut);
export const router = createRouter({
  routeTree,
  context: { client },
  defaultPreload: false,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
