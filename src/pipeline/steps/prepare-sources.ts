import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findSources } from '../../ingestion/index.ts';
import { syncTree } from '../../platform/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import type { JsonObject, PipelineStep } from '../step.ts';

const COMPLETE_MARK = '_complete';

/** Finds the source files of a real book, or writes those of a simulated one. */
export function prepareSources(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, generate, codeHash } = dependencies;
  const directory = sourceDirectoryOf(dependencies);
  return {
    state: 'PrepareSources',
    title: portfolio.generate ? 'Simulate the bank' : 'Find the source files',
    inputHash: async () =>
      portfolio.generate
        ? hashOf(portfolio.name, { ...generate }, await codeHash(['src/simulation', `portfolios/${portfolio.name}`]))
        : hashOf(portfolio.name, await fileStamps(dependencies)),
    run: async ({ signal, onProgress }) => {
      if (portfolio.generate) {
        const staging = `${directory}.staging`;
        await rm(staging, { recursive: true, force: true });
        await mkdir(staging, { recursive: true });
        await portfolio.generate({ directory: staging, ...generate, onProgress, signal });
        await writeFile(join(staging, COMPLETE_MARK), '');
        await syncTree(staging);
        await rm(directory, { recursive: true, force: true });
        await rename(staging, directory);
      }
      return { directory, files: await fileStamps(dependencies) };
    },
    stands: async () => !portfolio.generate || (await exists(join(directory, COMPLETE_MARK))),
  };
}

export function sourceDirectoryOf(dependencies: PipelineDependencies): string {
  const { portfolio, dataDirectory, sourcesDirectory } = dependencies;
  return portfolio.generate ? join(sourcesDirectory, portfolio.name) : dataDirectory;
}

/** Path, size and time of change of every source: a replaced file is noticed without reading it. */
async function fileStamps(dependencies: PipelineDependencies): Promise<JsonObject[]> {
  const paths = await findSources(dependencies.portfolio, sourceDirectoryOf(dependencies));
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
