import { setTimeout } from 'node:timers/promises';
import { AssayError } from '../../domain/index.ts';

/** A mart as it lies in S3: its name, its columns with DuckDB's types, its Parquet object. */
export type LoadedMart = {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly uri: string;
};

export type RedshiftTarget = { readonly workgroup: string; readonly database: string };

const NAME = /^[a-z][a-z0-9_]{0,100}$/;
const URI = /^s3:\/\/[\w./=-]+$/;
const TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'VARCHAR(65535)',
  BIGINT: 'BIGINT',
  INTEGER: 'INTEGER',
  DOUBLE: 'DOUBLE PRECISION',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
};
/** What one call of the Data API takes. */
const MAX_STATEMENTS = 40;
const POLL_MS = 1_000;
const MAX_POLLS = 1_800;

/**
 * SQL that replaces the marts in Redshift. Run as one transaction: a dashboard sees the old marts or the new.
 * @throws AssayError bad_input for a name, type or place that must not stand in SQL
 */
export function loadStatements(marts: readonly LoadedMart[]): string[] {
  const statements = ['CREATE SCHEMA IF NOT EXISTS marts', ...marts.flatMap(statementsOf)];
  if (statements.length <= MAX_STATEMENTS) return statements;
  throw refused('the marts', `${statements.length} statements`, `at most ${MAX_STATEMENTS} in one transaction`);
}

function statementsOf({ name, columns, uri }: LoadedMart): string[] {
  if (!NAME.test(name)) throw refused('a mart', name, String(NAME));
  if (!URI.test(uri)) throw refused(`the place of ${name}`, uri, 's3://bucket/key');
  const declared = columns.map((column) => {
    const type = TYPES[column.type];
    if (!NAME.test(column.name) || type === undefined)
      throw refused(`a column of ${name}`, `${column.name} ${column.type}`, Object.keys(TYPES).join(', '));
    return `"${column.name}" ${type}`;
  });
  return [
    `DROP TABLE IF EXISTS marts.${name}`,
    `CREATE TABLE marts.${name} (${declared.join(', ')})`,
    `COPY marts.${name} FROM '${uri}' IAM_ROLE default FORMAT AS PARQUET`,
  ];
}

function refused(what: string, given: string, allowed: string): AssayError {
  return new AssayError('bad_input', { what: `${what} cannot be loaded into Redshift`, given, allowed });
}

/** Loads the marts through the Data API and waits for the end. @throws AssayError unavailable with what Redshift said */
export async function loadMarts(marts: readonly LoadedMart[], target: RedshiftTarget): Promise<void> {
  const { BatchExecuteStatementCommand, DescribeStatementCommand, RedshiftDataClient } = await import(
    '@aws-sdk/client-redshift-data'
  );
  const client = new RedshiftDataClient();
  try {
    const batch = { Sqls: loadStatements(marts), WorkgroupName: target.workgroup, Database: target.database };
    const { Id } = await client.send(new BatchExecuteStatementCommand(batch));
    for (let poll = 0; poll < MAX_POLLS; poll++) {
      const { Status, Error: said } = await client.send(new DescribeStatementCommand({ Id }));
      if (Status === 'FINISHED') return;
      if (Status === 'FAILED' || Status === 'ABORTED') throw failed(said ?? Status);
      await setTimeout(POLL_MS);
    }
    throw failed(`still running after ${(MAX_POLLS * POLL_MS) / 60_000} minutes`);
  } finally {
    client.destroy();
  }
}

function failed(given: string): AssayError {
  return new AssayError('unavailable', {
    what: 'the marts could not be loaded into Redshift',
    given: given.slice(0, 500),
    fix: "check that the namespace's default role may read the lake, then start the step BuildMarts again",
  });
}
