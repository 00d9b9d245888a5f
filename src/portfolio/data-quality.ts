import type { Funnel } from '../ingestion/index.ts';
import { lakeJson, type SqlValue } from '../platform/index.ts';
import { TABLE_PROFILES_KEY } from './build-marts.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';
import type { TableProfile } from './table-profiles.ts';

const FUNNEL_KEY = 'processed/_quality/funnel.json';
const REJECTS_KEY = 'processed/_quality/rejects.parquet';

/** Rows in against rows out for every source and table, reasons of refusal, and the tables of the lake. */
export async function readDataQuality(reader: MartReader) {
  const { lake } = reader.context;
  const funnel = await readJson<Funnel>(reader, FUNNEL_KEY);
  const tables = (await readJson<TableProfile[]>(reader, TABLE_PROFILES_KEY)) ?? [];
  const state: 'empty' | 'ready' = funnel ? 'ready' : 'empty';
  return {
    state,
    snapshot: ((await reader.snapshot()) ?? null) as Snapshot | null,
    funnel: (funnel?.sources ?? []).flatMap((source) =>
      source.tables.map((table) => ({
        source: source.source,
        table: table.table,
        read: source.rowsRead,
        excluded: source.excluded,
        rejected: table.rejected,
        duplicates: table.duplicates,
        // of a zone written before erased rows were counted: there were none
        erased: table.erased ?? 0,
        notApplicable: table.notMapped,
        written: table.written,
      })),
    ),
    rejectReasons: (await lake.exists(REJECTS_KEY)) ? await rejectReasons(reader) : [],
    tables: tables.map((table) => ({ ...table, columns: [...table.columns] })),
  };
}

async function readJson<T>(reader: MartReader, key: string): Promise<T | undefined> {
  const { lake } = reader.context;
  if (!(await lake.exists(key))) return undefined;
  return lakeJson<T>(lake, key);
}

function rejectReasons(reader: MartReader) {
  return reader.context.warehouse.rows<{ source: string; reason: string; rows: number }>(
    `SELECT source, reason, COUNT(*) AS rows FROM ${reader.fromKey(REJECTS_KEY)}
     GROUP BY source, reason ORDER BY rows DESC, source, reason LIMIT 200`,
  );
}

export type RejectsQuery = {
  readonly page: number;
  readonly pageSize: number;
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
};

type RejectRow = {
  source: string;
  file: string;
  line: number | null;
  field: string | null;
  kind: string | null;
  reason: string;
  raw: string;
};

/** One page of the rows that were refused, in file order. */
export async function listRejects(reader: MartReader, query: RejectsQuery) {
  const { lake, warehouse } = reader.context;
  if (!(await lake.exists(REJECTS_KEY))) return { rows: [], total: 0 };
  const parameters: SqlValue[] = [query.source ?? null, query.reason ?? null];
  const source = `${reader.fromKey(REJECTS_KEY)} WHERE ($1 IS NULL OR source = $1) AND ($2 IS NULL OR reason = $2)`;
  const rows = await warehouse.rows<RejectRow>(
    `SELECT source, file, line, field, kind, reason, raw FROM ${source} ORDER BY source, line, kind, field
     LIMIT ${query.pageSize} OFFSET ${(query.page - 1) * query.pageSize}`,
    parameters,
  );
  const [counted] = await warehouse.rows<{ total: number }>(`SELECT COUNT(*) AS total FROM ${source}`, parameters);
  return { rows, total: counted?.total ?? 0 };
}
