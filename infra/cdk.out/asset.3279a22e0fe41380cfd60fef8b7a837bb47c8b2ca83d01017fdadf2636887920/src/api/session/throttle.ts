import type { Clock } from '../../platform/index.ts';

/** Failed sign-ins allowed for one user name or one address within the window; then each further one waits it out. */
const MAX_FAILURES = { user: 5, address: 30 };
const WINDOW_MS = 15 * 60_000;
const MAX_ENTRIES = 10_000;

type Failures = { count: number; until: number };

/** Slows guessing of passwords: counts failures by user name and by address. */
export class SignInThrottle {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds to wait before this may be tried; 0 = now. */
  waitSeconds(username: string, address: string): number {
    return Math.max(
      this.#wait(`user ${username}`, MAX_FAILURES.user),
      this.#wait(`address ${address}`, MAX_FAILURES.address),
    );
  }

  failed(username: string, address: string): void {
    this.#count(`user ${username}`);
    this.#count(`address ${address}`);
  }

  succeeded(username: string): void {
    this.#failures.delete(`user ${username}`);
  }

  #wait(key: string, limit: number): number {
    const failures = this.#failures.get(key);
    const nowMs = this.#clock.now().getTime();
    if (!failures || failures.until <= nowMs || failures.count < limit) return 0;
    return Math.ceil((failures.until - nowMs) / 1000);
  }

  #count(key: string): void {
    const nowMs = this.#clock.now().getTime();
    const earlier = this.#failures.get(key);
    const count = earlier && earlier.until > nowMs ? earlier.count + 1 : 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, until: nowMs + WINDOW_MS });
    // the oldest goes: a flood of made-up names must not fill memory
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > MAX_ENTRIES && oldest !== undefined) this.#failures.delete(oldest);
  }
}
