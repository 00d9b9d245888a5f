import type { MappedRow, TableSchema } from '../../domain/index.ts';
import type { IncomingEvent } from './event.ts';

/** Rows of domain tables that an event stands for, and what of it was left out on purpose, by reason. */
export type MappedPayload = {
  readonly rows: readonly { readonly table: TableSchema; readonly row: MappedRow }[];
  readonly skipped: readonly string[];
};

/** Knows one shape of payload. */
export type EventSource = {
  readonly name: string;
  /** @throws MappingError naming the field of the payload and what is wrong with it */
  readonly map: (event: IncomingEvent) => MappedPayload;
};
