import type { Stack } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { DataStack } from '../stacks/data-stack.ts';
import { CATALOG_TABLES, type CatalogTable } from './tables.ts';

/** A query that would read more is stopped. */
const MAX_SCANNED_BYTES = 100 * 1024 ** 3;

/**
 * Databases of one book, a zone each, and the workgroup that queries them. Published objects change their folder with every run, so a
 * table's location is a list of objects, which the last step of the pipeline writes (`src/entrypoints/cloud/list-tables.ts`).
 */
export function addCatalog(stack: Stack, data: DataStack, portfolio: string): void {
  const databases = new Map(
    (['processed', 'modeled'] as const).map((zone) => {
      const name = `${stack.stackName}_${portfolio}_${zone}`.replaceAll('-', '_').toLowerCase();
      const database = new glue.CfnDatabase(stack, `Catalog-${zone}`, {
        catalogId: stack.account,
        databaseInput: { name, description: `Assay: ${zone} zone of ${portfolio}` },
      });
      return [zone, database] as const;
    }),
  );
  for (const table of CATALOG_TABLES) addTable(stack, data, portfolio, table, databases.get(table.zone)!);
  addWorkgroup(stack, data);
}

function addTable(
  stack: Stack,
  data: DataStack,
  portfolio: string,
  { zone, name, description, columns }: CatalogTable,
  database: glue.CfnDatabase,
): void {
  new glue.CfnTable(stack, `Table-${zone}-${name}`, {
    catalogId: stack.account,
    databaseName: database.ref,
    tableInput: {
      ...{ name, description },
      tableType: 'EXTERNAL_TABLE',
      parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
      storageDescriptor: {
        columns: columns.map(({ comment, ...column }) => ({ ...column, ...(comment !== '' && { comment }) })),
        location: `s3://${data.lake.bucketName}/books/${portfolio}/data/tables/${zone}/${name}/`,
        inputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
    },
  });
}

function addWorkgroup(stack: Stack, data: DataStack): void {
  new athena.CfnWorkGroup(stack, 'Queries', {
    name: stack.stackName,
    description: 'Assay: questions that no page answers',
    recursiveDeleteOption: true,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      publishCloudWatchMetricsEnabled: true,
      bytesScannedCutoffPerQuery: MAX_SCANNED_BYTES,
      resultConfiguration: {
        outputLocation: `s3://${data.lake.bucketName}/queries/`,
        encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: data.key.keyArn },
      },
    },
  });
}
