import { z } from 'zod';

export const SQL_LIMITS = { chars: 20_000, rows: 10_000, defaultRows: 1_000 } as const;

/** Tables that the SQL console reads; ids are pseudonyms, personal columns are not there. */
export const sqlTablesSchema = z.object({
  tables: z.array(
    z.object({
      schema: z.enum(['processed', 'modeled', 'marts']),
      name: z.string(),
      description: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string(), pseudonym: z.boolean() })),
      /** Columns that the console leaves out. */
      hidden: z.array(z.string()),
    }),
  ),
});
export type SqlTablesDto = z.infer<typeof sqlTablesSchema>;

export const sqlQuerySchema = z.strictObject({
  sql: z.string().trim().min(1).max(SQL_LIMITS.chars),
  maxRows: z.int().min(1).max(SQL_LIMITS.rows).default(SQL_LIMITS.defaultRows),
});

export const sqlResultSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Integers beyond 2^53 and decimals of more than 15 digits are text. */
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  /** Which limit left rows out; null when these are all. */
  cut: z.enum(['rows', 'bytes']).nullable(),
  elapsedMs: z.number(),
});
export type SqlResultDto = z.infer<typeof sqlResultSchema>;

export const sqlOperations = {
  listSqlTables: {
    method: 'GET',
    path: '/sql/tables',
    tag: 'pipeline',
    status: 200,
    summary: 'Tables and columns that the SQL console reads',
    response: sqlTablesSchema,
  },
  runSql: {
    method: 'POST',
    path: '/sql',
    tag: 'pipeline',
    status: 200,
    summary: 'Run one SELECT over the lake, read-only; entered in the audit log',
    body: sqlQuerySchema,
    response: sqlResultSchema,
  },
} as const;
