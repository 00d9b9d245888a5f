import { createHash, randomBytes } from 'node:crypto';
import type { Clock, Database } from '../../platform/index.ts';
import { HttpError } from '../errors.ts';
import { NOBODY, verifyPassword } from './password.ts';
import { SessionStore, type User } from './store.ts';
import { SignInThrottle } from './throttle.ts';

const SESSION_HOURS = 12;
/** A verified token is believed this long without asking the database again. */
const CACHE_MS = 10_000;
const CACHE_ENTRIES = 10_000;

export type SignedInUser = { readonly user: User; readonly expiresAt: Date };
type Cached = { readonly session: SignedInUser; readonly checkedAtMs: number };

/** Who is signed in: opaque random tokens, of which only hashes are stored. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #throttle: SignInThrottle;
  readonly #cache = new Map<string, Cached>();

  constructor(database: Database, clock: Clock) {
    this.#store = new SessionStore(database, clock);
    this.#clock = clock;
    this.#throttle = new SignInThrottle(database, clock);
  }

  /** @throws HttpError 401 for a wrong name or password (which of the two is not said), 429 after too many */
  async signIn(username: string, password: string, address: string): Promise<SignedInUser & { token: string }> {
    const name = username.trim().toLowerCase();
    const waitSeconds = await this.#throttle.enter(name, address);
    if (waitSeconds > 0) {
      throw new HttpError(429, `too many failed sign-ins; try again in ${Math.ceil(waitSeconds / 60)} minutes`, {
        'retry-after': String(waitSeconds),
      });
    }
    const stored = await this.#store.findUser(name);
    const right = await verifyPassword(password, stored?.passwordHash ?? NOBODY);
    if (!stored || !right) throw new HttpError(401, 'the user name or the password is wrong');
    await this.#throttle.succeeded(name);
    const { passwordHash: _, ...user } = stored;
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(this.#clock.now().getTime() + SESSION_HOURS * 3_600_000);
    await this.#store.addSession(hashOf(token), name, expiresAt);
    return { token, user, expiresAt };
  }

  async find(token: string): Promise<SignedInUser | undefined> {
    const nowMs = this.#clock.now().getTime();
    const cached = this.#cache.get(token);
    if (cached && nowMs - cached.checkedAtMs < CACHE_MS && cached.session.expiresAt.getTime() > nowMs) {
      return cached.session;
    }
    this.#cache.delete(token);
    const session = await this.#store.findSession(hashOf(token));
    if (!session) return undefined;
    if (this.#cache.size >= CACHE_ENTRIES) this.#cache.clear();
    this.#cache.set(token, { session, checkedAtMs: nowMs });
    return session;
  }

  async signOut(token: string): Promise<void> {
    this.#cache.delete(token);
    await this.#store.removeSession(hashOf(token));
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
