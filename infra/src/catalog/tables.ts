/**
 * The tables of the Glue catalog as data: the processed zone from the domain's schemas, the marts from the specification of the
 * dashboard. The raw zone is left out: its files are as they were delivered, each source in a form of its own.
 */
import * as domain from '../../../src/domain/index.ts';
import { DATASETS } from '../../../src/portfolio/overview-spec.ts';

export type CatalogTable = {
  readonly zone: 'processed' | 'modeled';
  readonly name: string;
  readonly description: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string }[];
};

/** Parquet's types as Hive declares them. */
const TYPES: Readonly<Record<domain.ColumnType, string>> = {
  text: 'string',
  integer: 'bigint',
  double: 'double',
  money: 'bigint',
  date: 'date',
  timestamp: 'timestamp',
  boolean: 'boolean',
};
const MART_TYPES = { text: 'string', integer: 'bigint', number: 'double' } as const;

const PROCESSED: readonly domain.TableSchema[] = [
  domain.accountsTable,
  domain.borrowersTable,
  domain.bureauReportsTable,
  domain.cardsTable,
  domain.districtsTable,
  domain.loanApplicationsTable,
  domain.loanPerformanceTable,
  domain.loansTable,
  domain.outcomesTable,
  domain.standingOrdersTable,
  domain.transactionsTable,
];

/** What a processed table holds, without what identifies or protects a person: that is read by roles of the pipeline alone. */
function processed({ name, description, columns }: domain.TableSchema): CatalogTable {
  const open = columns.filter(({ dataClass }) => dataClass !== 'protected');
  return {
    ...{ zone: 'processed', name, description },
    columns: open.map(({ name: column, type, description: comment }) => ({
      ...{ name: column, type: TYPES[type] },
      comment: comment ?? (type === 'money' ? 'minor units' : ''),
    })),
  };
}

export const CATALOG_TABLES: readonly CatalogTable[] = [
  ...PROCESSED.map(processed),
  ...DATASETS.map(({ mart, columns }) => ({
    ...{ zone: 'modeled' as const, name: mart, description: `The mart ${mart} behind the pages.` },
    columns: columns
      .filter(({ sql }) => sql === undefined)
      .map(({ name, type }) => ({ name, type: MART_TYPES[type], comment: '' })),
  })),
];
