import { join } from 'node:path';
import { z } from 'zod';
import { AssayError } from '../../domain/index.ts';
import { SNAPSHOT_KEY } from '../../features/index.ts';
import { bookSteps, type JsonObject, PipelineStore, runRemoteStep } from '../../pipeline/index.ts';
import { type Clock, type Config, openSharedLake, type S3Lake } from '../../platform/index.ts';
import { DEFAULT_BORROWERS, DEFAULT_SEED } from '../portfolio-options.ts';
import { KEY_NAMES } from '../require-keys.ts';
import { pipelineDependencies } from '../run-book.ts';
import { openSystem } from '../system.ts';
import { FEATURE_STATES, runFeatureState } from './feature-job.ts';
import { fetchTrained, packVersion } from './models.ts';
import { publishMarts } from './publish-marts.ts';

/** What Step Functions passes to a step: which state, of which execution, with which input. */
export const cloudStepSchema = z.object({
  state: z.string().min(1).max(80),
  executionId: z.string().min(1).max(80),
  input: z.looseObject({ portfolio: z.string().min(1).max(100) }),
});
export type CloudStepEvent = z.infer<typeof cloudStepSchema>;

export type CloudStepContext = { readonly config: Config; readonly clock: Clock; readonly signal: AbortSignal };

/** Source files of a book, as they were delivered: a folder beside its lake. */
const landingOf = (portfolio: string): string => `${portfolio}-landing`;

/**
 * One state of the pipeline on a machine that was started for it: lake and source files are in S3, rows in the database, and
 * what the step reads is fetched first. The same step code as on one machine.
 * @throws AssayError bad_input for an event that is not one; what the step threw
 */
export async function runCloudStep(event: unknown, { config, clock, signal }: CloudStepContext): Promise<JsonObject> {
  const { state, executionId, input } = parseEvent(event);
  const { lakeUrl } = config;
  if (lakeUrl === undefined) throw noLake();
  const system = await openSystem({ config, portfolio: input.portfolio, clock, requiredKeys: KEY_NAMES });
  try {
    const featureState = FEATURE_STATES.find((name) => name === state);
    if (featureState) return await runFeatureState(featureState, system, lakeUrl);
    const landing = await openSharedLake(config, lakeUrl, landingOf(input.portfolio));
    await landing.hydrate('');
    const dataDirectory = join(config.home, 'lake-cache', landingOf(input.portfolio), 'files');
    const options = { portfolio: input.portfolio, data: dataDirectory, ...generateOf(input) };
    const lake = await openSharedLake(config, lakeUrl, input.portfolio);
    const { registry } = system;
    const steps = bookSteps({
      ...pipelineDependencies(system, options, clock),
      sourcesDirectory: dataDirectory,
      fetchTrained,
      packVersion: (modelVersion) => packVersion({ registry, lake, home: config.home }, modelVersion),
    });
    const store = new PipelineStore(system.database, clock);
    const portfolio = input.portfolio;
    const request = { portfolio, executionId, state, input: withoutPlaces(input), steps, store, clock, signal };
    const output = await runRemoteStep(request);
    if (state === 'PrepareSources') await keepGenerated(landing, portfolio);
    if (state === 'BuildMarts') await publishMarts(system, lakeUrl);
    if (state === 'BuildSnapshot') return { ...output, trainingUri: await trainingUri(lake) };
    return output;
  } finally {
    await system.close();
  }
}

/** The folder of the training set: the channel of a training job. */
async function trainingUri(lake: S3Lake): Promise<string> {
  return (await lake.objectUri(SNAPSHOT_KEY)).replace(/[^/]+$/, '');
}

/** A simulated book was written here: the next step runs elsewhere. Real files were there before. */
async function keepGenerated(landing: S3Lake, portfolio: string): Promise<void> {
  await landing.upload(portfolio);
}

/** Size and seed of a simulated book may be given to the execution. */
function generateOf(input: CloudStepEvent['input']): { seed: number; borrowers: number } {
  const { borrowers, seed } = input;
  return {
    borrowers: typeof borrowers === 'number' ? borrowers : DEFAULT_BORROWERS,
    seed: typeof seed === 'number' ? seed : DEFAULT_SEED,
  };
}

/** Where the training set lies is not what it is: it has no part in whether a result stands. */
function withoutPlaces(input: object): JsonObject {
  return JSON.parse(JSON.stringify(input, (key, value) => (key === 'trainingUri' ? undefined : value)));
}

function parseEvent(event: unknown): CloudStepEvent {
  const parsed = cloudStepSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new AssayError('bad_input', {
    what: 'not a step of the pipeline',
    given: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    allowed: '{ state, executionId, input: { portfolio, … } }',
    issues,
  });
}

function noLake(): AssayError {
  return new AssayError('bad_input', {
    what: 'a step in the cloud needs the lake in S3',
    given: 'ASSAY_LAKE_URL is not set',
    fix: 'set ASSAY_LAKE_URL to s3://bucket/folder',
  });
}
