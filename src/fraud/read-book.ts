import type { FeatureRow, FeatureValue, FraudDefinition, Portfolio } from '../domain/index.ts';
import { createProcessedViews, FEATURES_KEY, tablesOf } from '../features/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import type { FraudApplication } from './links.ts';
import type { BookApplication } from './scan-book.ts';

export type FraudContext = { readonly warehouse: Warehouse; readonly lake: Lake; readonly portfolio: Portfolio };

const SCHEMA = 'fraud_book';

/** Every application of the processed zone, with the columns that `definition` looks at and the feature that income is held against. */
export async function readFraudBook(context: FraudContext, definition: FraudDefinition): Promise<BookApplication[]> {
  const { warehouse, lake, portfolio } = context;
  const evidence = definition.income?.evidenceFeature;
  const columns = new Set([
    ...definition.links.flatMap((link) => [...link.columns, ...(link.differs ?? [])]),
    ...(definition.income ? [definition.income.column, ...definition.income.usual] : []),
  ]);
  const tables = tablesOf(portfolio).filter(({ name }) => name === 'loan_applications');
  await warehouse.run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await warehouse.run(`CREATE SCHEMA ${SCHEMA}`);
  try {
    await createProcessedViews({ warehouse, lake }, SCHEMA, tables);
    const hasFeatures = evidence !== undefined && (await lake.exists(FEATURES_KEY));
    const join = hasFeatures
      ? `LEFT JOIN read_parquet('${lake.path(FEATURES_KEY).replaceAll("'", "''")}') f USING (application_id)`
      : '';
    const types = new Map(tables[0]?.columns.map((column) => [column.name, column.type]));
    const selected = [...columns].map((name) =>
      ['date', 'timestamp'].includes(types.get(name) ?? '')
        ? `CAST(a.${quoted(name)} AS VARCHAR) AS ${quoted(name)}`
        : `a.${quoted(name)}`,
    );
    const rows = await warehouse.rows(
      `SELECT application_id, a.borrower_id, epoch_ms(a.applied_at) AS at_ms${hasFeatures ? `, f.${quoted(evidence)} AS _seen` : ''}, ${selected.join(', ')}
       FROM ${SCHEMA}.loan_applications a ${join}`,
    );
    return rows.map((row) => rowOf(row, columns, evidence));
  } finally {
    await warehouse.run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Row = Record<string, string | number | boolean | null>;

function rowOf(
  row: Row,
  columns: ReadonlySet<string>,
  evidence: string | undefined,
): { application: FraudApplication; features?: FeatureRow } {
  const cell = (value: Row[string] | undefined): FeatureValue =>
    value === undefined || value === null ? null : typeof value === 'boolean' ? String(value) : value;
  return {
    application: {
      applicationId: String(row['application_id']),
      borrowerId: String(row['borrower_id']),
      appliedAt: new Date(Number(row['at_ms'])),
      columns: Object.fromEntries([...columns].map((name) => [name, cell(row[name])])),
    },
    ...(evidence === undefined ? {} : { features: { [evidence]: cell(row['_seen']) } }),
  };
}
