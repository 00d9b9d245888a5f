import { createEventMapper, landRaw, processRaw, rewriteStreamFiles, STREAM_PREFIX } from '../../ingestion/index.ts';
import { allThere, type ErasedPersons, NOBODY_ERASED } from '../../platform/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import type { JsonObject, PipelineStep } from '../step.ts';
import { sourceDirectoryOf } from './prepare-sources.ts';

const INGESTION_CODE = ['src/domain', 'src/platform', 'src/ingestion'];

const erasedOf = async ({ erased }: PipelineDependencies): Promise<ErasedPersons> =>
  (await erased?.()) ?? NOBODY_ERASED;

/** Nothing where the book has no such columns: a list that is not looked at makes nothing run again. */
const consentedOf = async ({ consented }: PipelineDependencies): Promise<string[]> =>
  consented ? [(await consented()).fingerprint] : [];

/** Source files to the raw zone, under the hash of their content. */
export function landRawStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, lake } = dependencies;
  return {
    state: 'LandRaw',
    title: 'Land raw files',
    inputHash: async (input) => {
      const { fingerprint } = await erasedOf(dependencies);
      return hashOf(portfolio.name, input['sources'] ?? null, await lake.list(STREAM_PREFIX), fingerprint);
    },
    run: async ({ signal, onProgress }) => {
      await rewriteStreamFiles(lake, createEventMapper(portfolio), await erasedOf(dependencies));
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
      hashOf(
        input['raw'] ?? null,
        (await erasedOf(dependencies)).fingerprint,
        ...(await consentedOf(dependencies)),
        await codeHash([...INGESTION_CODE, `portfolios/${portfolio.name}`]),
      ),
    run: async ({ signal, onProgress }) => {
      const erased = await erasedOf(dependencies);
      const consented = await dependencies.consented?.();
      const funnel = await processRaw({
        ...{ portfolio, lake, warehouse, clock, sealed, erased, consented, signal, onProgress },
      });
      return {
        rowsRead: funnel.rowsRead,
        rowsRejected: funnel.rowsRejected,
        rejectedShare: funnel.rejectedShare,
        // what follows runs again when somebody was erased, also when no count changes
        erased: erased.fingerprint,
        ...(consented && { consented: consented.fingerprint }),
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
