import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadPortfolio } from '../../../portfolios/index.ts';
import { AssayError, ESTIMATOR_NAMES } from '../../domain/index.ts';
import { SNAPSHOT_KEY, SNAPSHOT_MANIFEST_KEY } from '../../features/index.ts';
import { trainVersion } from '../../pipeline/index.ts';
import {
  type Clock,
  type Config,
  ensureXgboost,
  hashSources,
  openLocalLake,
  openWarehouse,
  openXgboostEngine,
  signerOf,
} from '../../platform/index.ts';
import { requireKeys } from '../require-keys.ts';
import type { Layout } from './layout.ts';

/** Values are texts, as SageMaker passes them; its own keys (sagemaker_…) are let through. */
const hyperparametersSchema = z
  .looseObject({ portfolio: z.string().min(1).max(100), estimator: z.enum(ESTIMATOR_NAMES) })
  .check((context) => {
    for (const name of Object.keys(context.value)) {
      if (name === 'portfolio' || name === 'estimator' || name.startsWith('sagemaker_') || name.startsWith('_'))
        continue;
      context.issues.push({ code: 'custom', path: [name], message: 'is not known', input: context.value });
    }
  });

export type TrainOptions = {
  readonly layout: Layout;
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
};

/** The channel that holds `modeled/training/` of the lake: snapshot.parquet and snapshot.json. */
export const TRAINING_CHANNEL = 'training';

/**
 * A training job: snapshot in, one signed model version out, with the public key that signed it; predictions go to the output
 * data, for the comparison of estimators. The same code, parameters and seed as on one machine, so the same version.
 * @throws AssayError bad_input naming the hyperparameter or the channel's file
 */
export async function trainModel({ layout, config, clock, signal, print }: TrainOptions): Promise<string> {
  const { portfolio: name, estimator } = await readHyperparameters(layout.hyperparameters);
  const portfolio = await loadPortfolio(name);
  const scratch = join(config.home, 'training-lake');
  await rm(scratch, { recursive: true, force: true });
  const lake = openLocalLake(scratch);
  await copyChannel(layout.channel(TRAINING_CHANNEL), lake.path('modeled/training'));
  const warehouse = await openWarehouse({ threads: config.nthread });
  const engine = once(async () =>
    openXgboostEngine({
      libraryPath: await ensureXgboost(config),
      nthread: config.nthread,
      scratchDirectory: join(config.home, 'tmp'),
    }),
  );
  try {
    await requireKeys(config, ['signing']);
    const signer = await signerOf(config);
    const dependencies = {
      portfolio,
      warehouse,
      lake,
      signer,
      engine: engine.get,
      nthread: config.nthread,
      clock,
      codeHash: hashSources,
    };
    const onProgress = (share: number, note: string): void => print(`progress=${share.toFixed(3)} ${note}`);
    const { manifest, files } = await trainVersion(dependencies, estimator, { signal, onProgress });
    await writeModel(layout.model, files);
    await copyPublicKeys(join(config.home, 'keys'), layout.model);
    await mkdir(layout.outputData, { recursive: true });
    await cp(lake.path('modeled/training/predictions'), join(layout.outputData, 'predictions'), { recursive: true });
    for (const [split, { auc }] of Object.entries(manifest.metrics)) print(`${split}:auc=${auc.value}`);
    return manifest.modelVersion;
  } finally {
    await engine.close();
    await warehouse.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

function once<T extends { close(): Promise<void> }>(open: () => Promise<T>) {
  let opened: Promise<T> | undefined;
  const get = (): Promise<T> => {
    opened ??= open();
    return opened;
  };
  return { get, close: async () => (await opened?.catch(() => undefined))?.close() };
}

async function readHyperparameters(path: string): Promise<z.infer<typeof hyperparametersSchema>> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new AssayError('not_found', { what: 'there are no hyperparameters', given: path }, { cause });
  });
  const parsed = hyperparametersSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new AssayError('bad_input', {
    what: 'the hyperparameters are not usable',
    given: issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '),
    allowed: `portfolio, estimator (${ESTIMATOR_NAMES.join(', ')})`,
    issues,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function copyChannel(channel: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const names: readonly string[] = await readdir(channel).catch(() => []);
  for (const key of [SNAPSHOT_KEY, SNAPSHOT_MANIFEST_KEY]) {
    const name = key.split('/').at(-1)!;
    if (!names.includes(name)) {
      throw new AssayError('not_found', {
        what: `the channel "${TRAINING_CHANNEL}" lacks a file`,
        given: `${name} in ${channel}`,
        fix: `point its S3Uri at modeled/training/ of the lake, after the step BuildSnapshot`,
      });
    }
    await copyFile(join(channel, name), join(target, name));
  }
}

async function writeModel(directory: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), bytes);
}

async function copyPublicKeys(keys: string, directory: string): Promise<void> {
  for (const name of await readdir(keys)) {
    if (name.endsWith('.pub.pem')) await copyFile(join(keys, name), join(directory, name));
  }
}
