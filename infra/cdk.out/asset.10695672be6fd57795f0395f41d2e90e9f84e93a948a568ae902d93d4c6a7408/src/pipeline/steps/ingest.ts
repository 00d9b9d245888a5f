import { landRaw, processRaw, STREAM_PREFIX } from '../../ingestion/index.ts';
import type { Lake } from '../../platform/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import type { JsonObject, PipelineStep } from '../step.ts';
import { sourceDirectoryOf } from './prepare-sources.ts';

const INGESTION_CODE = ['src/domain', 'src/platform', 'src/ingestion'];

/** Source files to the raw zone, under the hash of their content. */
export function landRawStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, lake } = dependencies;
  return {
    state: 'LandRaw',
    title: 'Land raw files',
    inputHash: async (input) => hashOf(portfolio.name, input['sources'] ?? null, await lake.list(STREAM_PREFIX)),
    run: async ({ signal, onProgress }) => {
      const dataDirectory = sourceDirectoryOf(dependencies);
      const landed = await landRaw({ portfolio, dataDirectory, lake, onProgress, signal });
      return { files: landed.map(({ source, key, sha256, bytes }) => ({ source, key, sha256, bytes })) };
    },
    stands: (output) => allThere(lake, keysOf(output)),
  };
}

/** Raw zone to processed zone: every row validated, every reject kept. */
export function processRawStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, lake, warehouse, clock, codeHash, sealed } = dependencies;
  return {
    state: 'ProcessRaw',
    title: 'Validate and type rows',
    inputHash: async (input) =>
      hashOf(input['raw'] ?? null, await codeHash([...INGESTION_CODE, `portfolios/${portfolio.name}`])),
    run: async ({ signal, onProgress }) => {
      const funnel = await processRaw({ portfolio, lake, warehouse, clock, sealed, signal, onProgress });
      return {
        rowsRead: funnel.rowsRead,
        rowsRejected: funnel.rowsRejected,
        rejectedShare: funnel.rejectedShare,
        tables: funnel.tables.map(({ table, rows }) => ({ table, rows })),
        files: [...(await lake.list('processed')), ...((await sealed?.list()) ?? [])].map((key) => ({ key })),
      };
    },
    stands: (output) => allThere(lake, keysOf(output)),
  };
}

function keysOf(output: JsonObject): string[] {
  const files = Array.isArray(output['files']) ? output['files'] : [];
  return files.flatMap((file) =>
    file !== null && typeof file === 'object' && !Array.isArray(file) && typeof file['key'] === 'string'
      ? [file['key']]
      : [],
  );
}

export async function allThere(lake: Lake, keys: readonly string[]): Promise<boolean> {
  for (const key of keys) if (!(await lake.exists(key))) return false;
  return true;
}
