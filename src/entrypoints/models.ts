import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userWhoMay } from '../api/index.ts';
import { AssayError, type LiftEvidence } from '../domain/index.ts';
import { catalogHash, liftRefusals, provenInputs } from '../features/index.ts';
import { findLift } from '../pipeline/index.ts';
import type { Config } from '../platform/index.ts';
import type { RegisteredModel } from '../portfolio/index.ts';
import { exportModel, sparkFiles } from '../scoring/index.ts';
import type { ChangeOptions, EvidenceOptions, ExportCommandOptions, ModelsOptions } from './commands/models.ts';
import type { CommandContext } from './context.ts';
import { pipelineDependencies } from './run-book.ts';
import { proofFor, registryModels } from './server/index.ts';
import { openSystem, type System } from './system.ts';

type Models = ReturnType<typeof registryModels>;

/** The registry of a book with the checks that the server makes, for as long as `work` takes. */
async function withModels<T>(
  context: CommandContext,
  config: Config,
  portfolio: string,
  work: (models: Models, system: System) => Promise<T>,
): Promise<T> {
  const { clock } = context;
  const system = await openSystem({ config, portfolio, clock });
  try {
    const { registry, evidence, signer } = system;
    const models = registryModels({
      ...{ registry, signer, clock },
      portfolio: system.portfolio.name,
      catalogHash: catalogHash(system.portfolio.features),
      proof: proofFor(system.portfolio, evidence),
    });
    return await work(models, system);
  } finally {
    await system.close();
  }
}

export function listModels(context: CommandContext, config: Config, options: ModelsOptions): Promise<void> {
  return withModels(context, config, options.portfolio, async (models) => {
    const all = await models.list();
    if (options.json) return context.print(JSON.stringify({ models: all.map(summaryOf) }, null, 2));
    if (all.length === 0)
      return context.print(`${options.portfolio}: no model version yet; make them with: assay pipeline run`);
    context.print(all.map(lineOf).join('\n'));
  });
}

function summaryOf({ manifest, status, signatureValid }: RegisteredModel) {
  const { modelVersion, estimator, createdAt, metrics } = manifest;
  const auc = Object.fromEntries(
    Object.entries(metrics).map(
      ([
        split,
        {
          auc: { value },
        },
      ]) => [split, value],
    ),
  );
  return { modelVersion, estimator, status, createdAt, signatureValid, auc };
}

function lineOf(model: RegisteredModel): string {
  const { modelVersion, status, createdAt, signatureValid, auc } = summaryOf(model);
  const figures = Object.entries(auc).map(([split, value]) => `${split} ${value.toFixed(4)}`);
  const warning = signatureValid ? '' : '  FILES CHANGED OR LOST';
  return `${modelVersion.padEnd(44)} ${status.padEnd(10)} ${createdAt.slice(0, 10)}  AUC ${figures.join(', ')}${warning}`;
}

export function showModel(
  context: CommandContext,
  config: Config,
  modelVersion: string,
  options: ModelsOptions,
): Promise<void> {
  return withModels(context, config, options.portfolio, async (models) => {
    const { manifest, status, history, lift } = await models.open(modelVersion);
    if (options.json) return context.print(JSON.stringify({ status, manifest, history, lift }, null, 2));
    const facts = Object.entries({
      status,
      estimator: manifest.estimator,
      trained: manifest.createdAt,
      'training set': manifest.snapshotHash,
      inputs: manifest.inputs.length,
      calibration: manifest.calibration.kind,
    }).map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
    const measures = Object.entries(manifest.metrics).map(
      ([split, { auc, ks, calibrationSlope, ece, rows, defaults }]) =>
        `  ${split.padEnd(14)} AUC ${auc.value.toFixed(4)} (${auc.lower.toFixed(4)}–${auc.upper.toFixed(4)})  KS ${ks.value.toFixed(3)}  slope ${calibrationSlope.value.toFixed(3)}  ECE ${ece.toFixed(4)}  ${rows} rows, ${defaults} defaults`,
    );
    const events = history.map(
      ({ at, event, actor, note }) => `  ${at.toISOString()}  ${event} by ${actor}${note ? `: ${note}` : ''}`,
    );
    context.print([modelVersion, ...facts, ...measures, ...events, ...lift.map(liftLines)].join('\n'));
  });
}

/** Trains the challenger without the features that must be proven, and keeps what the version gains by them. */
export async function findEvidence(
  context: CommandContext,
  config: Config,
  modelVersion: string,
  options: EvidenceOptions,
): Promise<void> {
  const { clock, signal } = context;
  const system = await openSystem({ config, portfolio: options.portfolio, clock });
  try {
    const { database, portfolio, registry } = system;
    const { manifest, ...version } = await registry.get(modelVersion);
    const { username: actor } = await userWhoMay(database, options.as, 'startRun');
    if (version.portfolio !== portfolio.name || provenInputs(portfolio, manifest).length === 0)
      throw nothingToProve(modelVersion, portfolio.name);
    const dependencies = pipelineDependencies(system, options, clock);
    const found = await findLift(dependencies, { modelVersion, actor, signal, onProgress: () => {} });
    const evidence = found.map((one) => one.evidence);
    context.print(options.json ? JSON.stringify({ evidence }, null, 2) : evidence.map(liftLines).join('\n'));
  } finally {
    await system.close();
  }
}

function nothingToProve(modelVersion: string, book: string): AssayError {
  return new AssayError('bad_input', {
    what: 'this version has nothing that must be proven',
    given: `${modelVersion} of ${book}`,
    allowed:
      'a version of the book that reads social_network features, or alternative ones where the book says alternativeNeedsLift',
    fix: 'promote it as it is: assay models promote',
  });
}

function liftLines(evidence: LiftEvidence): string {
  const { modelVersion, challenger, dataClass, features, measuredOn, lift, groups } = evidence;
  const refusals = liftRefusals(evidence);
  const air = groups.map(
    ({ trait, name, count, airWith, airWithout }) =>
      `  ${trait} ${name} (${count}): impact ratio ${airWithout?.value.toFixed(4) ?? 'too few'} without, ${airWith?.value.toFixed(4) ?? 'too few'} with`,
  );
  return [
    `${modelVersion}: ${dataClass} (${features.join(', ')})`,
    `  lift ${lift.value.toFixed(4)} (${lift.lower.toFixed(4)} to ${lift.upper.toFixed(4)}), ${measuredOn}, beside ${challenger}`,
    ...(air.length > 0 ? air : ['  the book keeps no protected trait: no impact ratio']),
    refusals.length === 0 ? '  may be promoted' : `  may not be promoted: ${refusals.join('; ')}`,
  ].join('\n');
}

type Change = { readonly operation: 'approveModel' | 'promoteModel' | 'rejectModel'; readonly done: string };

async function change(
  context: CommandContext,
  config: Config,
  options: ChangeOptions,
  { operation, done }: Change,
  act: (models: Models, actor: string, system: System) => Promise<string>,
): Promise<void> {
  await withModels(context, config, options.portfolio, async (models, system) => {
    const { username } = await userWhoMay(system.database, options.as, operation);
    const modelVersion = await act(models, username, system);
    context.print(
      options.json ? JSON.stringify({ modelVersion, done, by: username }) : `${modelVersion} ${done} by ${username}`,
    );
  });
}

/** @throws AssayError forbidden for the maker of the version and for a role that may not approve */
export function approveModel(
  context: CommandContext,
  config: Config,
  modelVersion: string,
  options: ChangeOptions,
): Promise<void> {
  return change(context, config, options, { operation: 'approveModel', done: 'approved' }, async (models, actor) => {
    await models.approve(modelVersion, actor, options.note);
    return modelVersion;
  });
}

export function rejectModel(
  context: CommandContext,
  config: Config,
  modelVersion: string,
  options: ChangeOptions,
): Promise<void> {
  return change(context, config, options, { operation: 'rejectModel', done: 'rejected' }, async (models, actor) => {
    await models.reject(modelVersion, actor, options.note);
    return modelVersion;
  });
}

export function promoteModel(
  context: CommandContext,
  config: Config,
  modelVersion: string,
  options: ChangeOptions,
): Promise<void> {
  return change(context, config, options, { operation: 'promoteModel', done: 'promoted' }, async (models, actor) => {
    await models.promote(modelVersion, actor, options.note);
    return modelVersion;
  });
}

export function rollbackModel(context: CommandContext, config: Config, options: ChangeOptions): Promise<void> {
  const done = { operation: 'promoteModel', done: 'is the champion again,' } as const;
  return change(context, config, options, done, async (models, actor, { registry, portfolio }) => {
    const { modelVersion } = await registry.previousChampion(portfolio.name);
    await models.promote(modelVersion, actor, options.note);
    return modelVersion;
  });
}

export function exportModelCommand(
  context: CommandContext,
  config: Config,
  modelVersion: string,
  options: ExportCommandOptions,
): Promise<void> {
  return withModels(context, config, options.portfolio, async (models) => {
    const { manifest, fitted } = await models.open(modelVersion);
    if (options.format === 'spark') await writeFolder(sparkFiles(manifest, fitted), options.output);
    else {
      const text = exportModel(manifest, fitted, options.format, { table: options.table });
      if (options.output === undefined) return context.print(text.trimEnd());
      await writeFile(options.output, text);
    }
    context.print(
      options.json ? JSON.stringify({ modelVersion, output: options.output }) : `written: ${options.output}`,
    );
  });
}

async function writeFolder(files: Readonly<Record<string, string>>, folder: string | undefined): Promise<void> {
  if (folder === undefined)
    throw new AssayError('bad_input', {
      what: 'the format spark is a folder of files',
      given: 'no --output',
      allowed: 'a folder, made where there is none',
      fix: 'add --output FOLDER',
    });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
