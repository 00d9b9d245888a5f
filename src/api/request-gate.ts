import type { OperationId } from './contract.ts';
import { HttpError } from './errors.ts';

/**
 * Requests worked on at once in one process. Work that waits only makes everyone wait longer: what is beyond is refused at once,
 * before its body is read, so that what is accepted is answered in time and memory stays bounded.
 */
export const MAX_IN_FLIGHT = { deciding: 128, other: 256 };

const DECIDING: ReadonlySet<OperationId> = new Set(['createApplication', 'createScores'] satisfies OperationId[]);

/** Counts what is under way, by kind. */
export class RequestGate {
  readonly #inFlight = { deciding: 0, other: 0 };

  /** Of decisions and scores. */
  get deciding(): number {
    return this.#inFlight.deciding;
  }

  /** @returns what to call when the request has ended, however it did. @throws HttpError 503 when there are too many */
  enter(operation: OperationId): () => void {
    const kind = DECIDING.has(operation) ? 'deciding' : 'other';
    if (this.#inFlight[kind] >= MAX_IN_FLIGHT[kind]) {
      throw new HttpError(503, 'too many requests at once; try again', { 'retry-after': '1' });
    }
    this.#inFlight[kind]++;
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.#inFlight[kind]--;
      hasLeft = true;
    };
  }
}
