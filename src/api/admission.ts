import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssayError } from '../domain/index.ts';
import type { Clock } from '../platform/index.ts';

/** Bytes of event bodies that may be in the house at once, whatever is known of the pace. */
const MAX_BYTES_INSIDE = 512 * 1024;
/** What a body that does not say its length counts as. */
const UNKNOWN_LENGTH_BYTES = 64 * 1024;
/** How long a call that is let in shall wait for those before it. */
const TARGET_WAIT_MS = 125;
/** Calls that are let in whatever their size: one is read while the other is stored. */
const CALLS_ALWAYS = 2;
/** The pace is taken over so much time in which calls waited for each other; less would be chance. */
const PACE_WINDOW_MS = 250;
/** Weight of the newest window. */
const PACE_WEIGHT = 0.5;

/**
 * Lets calls in while those inside can be worked off soon, at the pace of the last moments: by how long one would wait, not by how
 * many there are. To turn one back costs nearly nothing, since its body is not read: under five times the load, those that were
 * let in are answered as soon as under one. The pace is measured only while calls wait for each other: a lone one says what a
 * commit takes, and nothing of how many fit into it.
 */
export class Admission {
  readonly #clock: Clock;
  #bytesInside = 0;
  #callsInside = 0;
  #bytesPerMs = MAX_BYTES_INSIDE / TARGET_WAIT_MS;
  #window = { bytes: 0, ms: 0 };
  #sinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws AssayError overloaded */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const bytes = Number(request.headers['content-length'] ?? UNKNOWN_LENGTH_BYTES);
    if (this.#callsInside >= CALLS_ALWAYS && this.#bytesInside + bytes > this.#roomBytes) throw overloaded();
    this.#passTime();
    this.#bytesInside += bytes;
    this.#callsInside++;
    reply.raw.once('close', () => this.#leave(bytes));
  }

  get #roomBytes(): number {
    return Math.min(MAX_BYTES_INSIDE, this.#bytesPerMs * TARGET_WAIT_MS);
  }

  #leave(bytes: number): void {
    this.#passTime();
    if (this.#callsInside >= CALLS_ALWAYS) this.#window.bytes += bytes;
    this.#bytesInside -= bytes;
    this.#callsInside--;
    const { ms, bytes: left } = this.#window;
    if (ms < PACE_WINDOW_MS) return;
    this.#bytesPerMs += PACE_WEIGHT * (left / ms - this.#bytesPerMs);
    this.#window = { bytes: 0, ms: 0 };
  }

  #passTime(): void {
    const now = this.#clock.now().getTime();
    // a clock that was set back says nothing
    if (this.#callsInside >= CALLS_ALWAYS) this.#window.ms += Math.max(0, now - this.#sinceMs);
    this.#sinceMs = now;
  }
}

function overloaded(): AssayError {
  return new AssayError('overloaded', {
    what: 'too many events are under way',
    fix: 'send again after a pause, more slowly',
  });
}
