import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssayError } from '../domain/index.ts';

/** Bytes of event bodies that may be in the house at once, about half a second of work; beyond it a call is turned back unread. */
const MAX_BYTES_INSIDE = 512 * 1024;
/** What a body that does not say its length counts as. */
const UNKNOWN_LENGTH_BYTES = 64 * 1024;

/**
 * Lets calls in while there is room. To turn one back costs nearly nothing, since its body is not read: under five times the
 * load, those that were let in are still answered soon.
 */
export class Admission {
  #bytesInside = 0;

  /** @throws AssayError overloaded; a large body alone in the house is let in */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const bytes = Number(request.headers['content-length'] ?? UNKNOWN_LENGTH_BYTES);
    if (this.#bytesInside > 0 && this.#bytesInside + bytes > MAX_BYTES_INSIDE) {
      throw new AssayError('overloaded', {
        what: 'too many events are under way',
        fix: 'send again after a pause, more slowly',
      });
    }
    this.#bytesInside += bytes;
    reply.raw.once('close', () => {
      this.#bytesInside -= bytes;
    });
  }
}
