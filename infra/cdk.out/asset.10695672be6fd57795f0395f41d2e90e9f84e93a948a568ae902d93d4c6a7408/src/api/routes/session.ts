import { permissionsOf } from '../access.ts';
import { SESSION_COOKIE, type Session } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { Sessions, SignedInUser } from '../session/sessions.ts';

export function sessionHandlers(sessions: Sessions): Pick<Handlers, 'signIn' | 'getSession' | 'signOut'> {
  return {
    signIn: async ({ body, address, secure }) => {
      const { token, ...signedIn } = await sessions.signIn(body.username, body.password, address);
      return {
        kind: 'raw',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'set-cookie': cookieText(token, signedIn.expiresAt, secure),
        },
        body: JSON.stringify({ ...sessionOf(signedIn), token }),
      };
    },
    getSession: async ({ user, expiresAt }) => sessionOf({ user, expiresAt }),
    signOut: async ({ token, secure }) => {
      await sessions.signOut(token);
      return { kind: 'raw', headers: { 'set-cookie': cookieText('', new Date(0), secure) }, body: '' };
    },
  };
}

function sessionOf({ user, expiresAt }: SignedInUser): Session {
  return { user, permissions: permissionsOf(user.role), expiresAt: expiresAt.toISOString() };
}

function cookieText(token: string, expiresAt: Date, secure: boolean): string {
  const parts = [
    `${SESSION_COOKIE}=${token}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Expires=${expiresAt.toUTCString()}`,
  ];
  return (secure ? [...parts, 'Secure'] : parts).join('; ');
}
