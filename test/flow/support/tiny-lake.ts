import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openBookTerms } from '../../../src/decisions/index.ts';
import { buildFeatures, tablesOf } from '../../../src/features/index.ts';
import { type Clock, type Lake, openWarehouse } from '../../../src/platform/index.ts';
import { buildMarts } from '../../../src/portfolio/index.ts';
import { createScorer, scoreBook } from '../../../src/scoring/index.ts';
import { tinyPortfolio } from './tiny-book.ts';
import type { TinyModels } from './tiny-models.ts';

export const BOOK_SIZE = 400;

/** Applications of the tiny book, in every corner of it: knocked out, above the limit, with missing values. */
export function tinyApplication(i: number) {
  return {
    applicationId: `A${String(i).padStart(4, '0')}`,
    borrowerId: `B${i % 300}`,
    appliedAt: `2025-${String((i % 6) + 1).padStart(2, '0')}-10 12:00:00`,
    amountMinor: 50_000 + ((i * 7919) % 1_100_000),
    incomeMinor: 100_000 + ((i * 104_729) % 400_000),
    arrears: i % 9 === 0 ? null : (i * 31) % 12,
    purpose: i % 11 === 0 ? null : (['car', 'home', 'travel'][i % 3] ?? null),
    defaulted: i % 8 === 7 ? null : (i * 13) % 5 === 0 ? 1 : 0,
  };
}

/** Fills a lake as the pipeline would: processed tables, features, scores with the policy's outcome, marts. */
export async function fillTinyLake(lake: Lake, models: TinyModels, clock: Clock): Promise<void> {
  const warehouse = await openWarehouse({ threads: 1 });
  const book = Array.from({ length: BOOK_SIZE }, (_, i) => tinyApplication(i));
  const text = (value: string | null): string => (value === null ? 'NULL' : `'${value}'`);
  const write = async (table: string, columns: string, rows: string[]): Promise<void> => {
    const path = lake.path(`processed/${table}/dt=all/part-0.parquet`);
    await mkdir(dirname(path), { recursive: true });
    await warehouse.run(`COPY (SELECT * FROM (VALUES ${rows.join(', ')}) t(${columns})) TO '${path}' (FORMAT parquet)`);
  };
  await write(
    'loan_applications',
    'application_id, borrower_id, applied_at, amount_minor, income_minor, arrears, purpose, source_row',
    book.map(
      (one, i) =>
        `('${one.applicationId}', '${one.borrowerId}', TIMESTAMP '${one.appliedAt}', ${one.amountMinor}, ${one.incomeMinor}, ${one.arrears ?? 'NULL'}, ${text(one.purpose)}, ${i})`,
    ),
  );
  await write(
    'outcomes',
    'application_id, defaulted, status, observed_at, source_row',
    book.map((one, i) => `('${one.applicationId}', ${one.defaulted ?? 'NULL'}, NULL::VARCHAR, NULL::TIMESTAMP, ${i})`),
  );
  const context = { warehouse, lake, portfolio: tinyPortfolio };
  await buildFeatures({ warehouse, lake, catalog: tinyPortfolio.features, tables: tablesOf(tinyPortfolio) });
  const termsOf = await openBookTerms(context);
  const { modelVersion } = (await models.champion()).manifest;
  const { manifest, fitted } = await models.open(modelVersion);
  await scoreBook({ warehouse, lake, scorer: createScorer(manifest, fitted), estimator: 'logistic', termsOf });
  await buildMarts({ ...context, clock });
  await warehouse.close();
}
