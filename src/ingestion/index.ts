export {
  type BookEvents,
  type BookEventsOptions,
  CONSUMERS,
  type ConsumerName,
  openBookEvents,
} from './book-events.ts';
export { type Consented, isSocial } from './consented-columns.ts';
export * from './consumers/index.ts';
export * from './events/index.ts';
export { labelOf, MissingColumnError, minorUnits, minorUnitsOf, requiredText, textOf } from './fields.ts';
export type { Funnel, SourceFunnel, TableFunnel, WrittenTable } from './funnel.ts';
export { type IngestRequest, ingestPortfolio } from './ingest-portfolio.ts';
export { findSources, type LandedSource, type LandRequest, landRaw } from './land-raw.ts';
export { type ProcessRequest, processRaw } from './process-raw.ts';
export { isProtected, openSealedTables, type ProtectedZone, sealedColumns, sealTable } from './protected-zone.ts';
export { createRowValidator, type RowIssue, type RowValidator, type StagedValue } from './validate.ts';
