import { API_PREFIX, signedInSchema } from '../../../src/api/index.ts';
import { PASSWORD, type TinyServer } from './tiny-server.ts';

export type SignedInCall = (user: string, method: string, path: string, body?: object) => Promise<Response>;

/** Calls of a test server by the seeded users; each signs in once. */
export function signedIn(server: () => Pick<TinyServer, 'url'>): SignedInCall {
  const tokens = new Map<string, string>();
  const tokenOf = async (username: string): Promise<string> => {
    const known = tokens.get(username);
    if (known !== undefined) return known;
    const response = await fetch(`${server().url}${API_PREFIX}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    const { token } = signedInSchema.parse(await response.json());
    tokens.set(username, token);
    return token;
  };
  return async (user, method, path, body) =>
    fetch(server().url + API_PREFIX + path, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(user)}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
}
