/**
 * What the SQL console shows of a book with personal data: borrowers and transactions of the simulated bank, two rows each, written here
 * as the lake has them. Columns of class demographic and protected, free text and columns that no schema names are left out; ids are
 * pseudonyms under a secret, equal across tables. It does not run the pipeline.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import { DUCKDB_TYPES, type TableSchema } from '../../src/domain/index.ts';
import { tablesOf } from '../../src/features/index.ts';
import { type Lake, openLocalLake, openWarehouse, runConsoleQuery, type Warehouse } from '../../src/platform/index.ts';
import { type SqlTable, sqlTables } from '../../src/portfolio/index.ts';

/** Declared `alternative`, since fraud checks read them; they name a person all the same. */
const CONTACTS: Readonly<Record<string, string>> = {
  email: "'ann@example.com'",
  phone: "'+431234567'",
  address: "'Mill Street 2'",
};

let folder: string;
let lake: Lake;
let warehouse: Warehouse;
let tables: SqlTable[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-sql-'));
  lake = openLocalLake(folder);
  warehouse = await openWarehouse({ threads: 1 });
  const portfolio = await loadPortfolio('simulated-bank');
  for (const name of ['borrowers', 'transactions', 'loan_applications']) {
    await writeTwoRows(tablesOf(portfolio).find((table) => table.name === name)!);
  }
  tables = await sqlTables({ warehouse, lake, portfolio }, 'a secret');
});
after(async () => {
  await warehouse?.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeTwoRows({ name, columns }: TableSchema): Promise<void> {
  const cells = columns.map((column) => {
    const value = column.name === 'borrower_id' ? "'B' || range" : (CONTACTS[column.name] ?? 'NULL');
    return `CAST(${value} AS ${DUCKDB_TYPES[column.type]}) AS ${column.name}`;
  });
  const path = lake.path(`processed/${name}/dt=all/part.parquet`);
  await mkdir(dirname(path), { recursive: true });
  await warehouse.run(
    `COPY (SELECT ${cells.join(', ')}, range AS source_row, 'x' AS unknown_column FROM range(2)) TO '${path}'`,
  );
}

const named = (name: string): SqlTable => tables.find((table) => table.name === name)!;
const columnsOf = (name: string): string[] => named(name).columns.map((column) => column.name);

test('of a person no trait, no free text and no unknown column is shown', () => {
  assert.deepEqual(columnsOf('borrowers'), ['borrower_id', 'income_monthly_minor', 'known_at']);
  for (const column of ['sex', 'ethnic_group', 'birth_date', 'district_id', 'source_row', 'unknown_column']) {
    assert.ok(named('borrowers').hidden.includes(column), column);
  }
  assert.ok(named('transactions').hidden.includes('counterparty'));
  assert.ok(columnsOf('transactions').includes('amount_minor'));
});

test('ids are pseudonyms, the same in every table, and another secret gives others', async () => {
  const views = tables.map(({ view }) => view);
  const query = (sql: string) => runConsoleQuery({ sql, views, maxRows: 10 });
  const joined = await query('SELECT b.borrower_id FROM borrowers b JOIN transactions USING (borrower_id) ORDER BY 1');
  assert.equal(joined.rows.length, 2);
  for (const [id] of joined.rows) assert.match(String(id), /^[0-9a-f]{16}$/);
  const portfolio = await loadPortfolio('simulated-bank');
  const others = await sqlTables({ warehouse, lake, portfolio }, 'another secret');
  const again = await runConsoleQuery({
    sql: 'SELECT borrower_id FROM borrowers ORDER BY 1',
    views: others.map(({ view }) => view),
    maxRows: 10,
  });
  assert.notDeepEqual(again.rows, joined.rows);
});

test('what reaches a person is a pseudonym, equal where it is shared; nothing tells how it was made', async () => {
  const views = tables.map(({ view }) => view);
  const query = (sql: string) => runConsoleQuery({ sql, views, maxRows: 10 });
  const { rows } = await query('SELECT DISTINCT email, phone, address FROM loan_applications');
  assert.equal(rows.length, 1);
  for (const cell of rows[0]!) assert.match(String(cell), /^[0-9a-f]{16}$/);
  await assert.rejects(query('SELECT pg_get_viewdef(i) FROM range(50000) t(i), borrowers'), /not run here/);
  const plan = "json_serialize_plan('SELECT borrower_id FROM processed.borrowers')";
  await assert.rejects(query(`SELECT ${plan} FROM borrowers`), /not run here/);
});

test('a hidden column is not there to be asked for, nor by the file it lies in', async () => {
  const views = tables.map(({ view }) => view);
  const query = (sql: string) => runConsoleQuery({ sql, views, maxRows: 10 });
  await assert.rejects(query('SELECT sex FROM borrowers'), /sex/);
  const file = lake.path('processed/borrowers/dt=all/part.parquet');
  await assert.rejects(query(`SELECT sex FROM borrowers, '${file}'`), /there is no table/);
  await assert.rejects(query(`SELECT sex FROM borrowers, read_parquet('${file}')`), /not run here/);
});
