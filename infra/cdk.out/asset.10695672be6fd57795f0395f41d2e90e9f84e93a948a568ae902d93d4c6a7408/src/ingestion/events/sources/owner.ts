import { MappingError } from '../../../domain/index.ts';
import type { IncomingEvent } from '../event.ts';

/** Banks name accounts, not borrowers: whose consent gave the data stands in the envelope. */
export function borrowerOf(event: IncomingEvent): string {
  if (event.borrowerId !== undefined) return event.borrowerId;
  throw new MappingError('borrowerId', 'missing but required: this source does not say whose account it is');
}
