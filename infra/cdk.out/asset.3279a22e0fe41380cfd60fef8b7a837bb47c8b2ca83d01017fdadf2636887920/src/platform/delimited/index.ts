export type { DelimitedBatch, DelimitedOptions, DelimitedRow, Dialect, Encoding, RowFault } from './options.ts';
export { readDelimited, readDialect } from './read-delimited.ts';
