import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { loanApplicationSchema, type ScoreResult, scoreResult } from '../api/index.ts';
import { scoreLoanApplication } from '../decisions/index.ts';
import { AssayError, canonicalJson, csvCell, sha256Hex } from '../domain/index.ts';
import { catalogHash } from '../features/index.ts';
import { type Config, type DelimitedRow, type Dialect, readDelimited } from '../platform/index.ts';
import { type ApplicationReader, applicationReader } from './application-columns.ts';
import type { ScoreOptions } from './commands/score.ts';
import { type CommandContext, EXIT_FAILED } from './context.ts';
import { openOnlineFeatures, proofFor, registryModels } from './server/index.ts';
import { openSystem, type System } from './system.ts';

/** A row scored, or what is wrong with it. */
type Line = { readonly line: number; readonly result?: ScoreResult; readonly error?: string };

/** Scores a file row by row with the champion, as `POST /api/v1/scores` does, and prints a line for each row. */
export async function scoreCommand(
  context: CommandContext,
  config: Config,
  file: string,
  options: ScoreOptions,
): Promise<void> {
  const source = await sourceOf(context, file);
  const system = await openSystem({ config, portfolio: options.portfolio, clock: context.clock });
  try {
    const score = scorerOf(system, context);
    const write = options.json ? jsonLine : csvLine(options.reasons === true);
    if (!options.json) context.print(csvHeader(options.reasons === true));
    let [scored, failed] = [0, 0];
    let read: ApplicationReader | undefined;
    for await (const { dialect, rows } of readDelimited(source.path, { signal: context.signal })) {
      read ??= readerOf(system, dialect);
      for (const row of rows) {
        const line = await lineOf(row, read, score);
        if (line.error === undefined) scored++;
        else failed++;
        context.print(write(line));
      }
    }
    context.printError(`assay: ${scored} scored, ${failed} could not be scored`);
    if (failed > 0) process.exitCode = EXIT_FAILED;
  } finally {
    await system.close();
    await source.close();
  }
}

type Score = (request: Parameters<typeof scoreLoanApplication>[1]) => Promise<ScoreResult>;

function scorerOf(system: System, { clock }: CommandContext): Score {
  const { portfolio, registry, evidence, signer, online, policyInForce } = system;
  const models = registryModels({
    ...{ registry, signer, clock },
    portfolio: portfolio.name,
    catalogHash: catalogHash(portfolio.features),
    proof: proofFor(portfolio, evidence),
  });
  const features = openOnlineFeatures({ store: online, portfolio });
  const inForce = { policy: policyInForce, policyHash: sha256Hex(canonicalJson(policyInForce)) };
  const policies = { live: async () => ({ ...inForce, version: policyInForce.version }) };
  const dependencies = { portfolio, models, features, policies, clock };
  return async (request) => scoreResult(await scoreLoanApplication(dependencies, request));
}

function readerOf({ portfolio }: System, { header, repeated }: Dialect): ApplicationReader {
  return applicationReader(portfolio, { header, repeated: repeated.map(({ name }) => name) });
}

async function lineOf(row: DelimitedRow, read: ApplicationReader, score: Score): Promise<Line> {
  const { line, cells, fault } = row;
  if (fault) return { line, error: fault.message };
  const { request, issues } = read(cells);
  const checked = loanApplicationSchema.safeParse(request);
  const found = [
    ...issues,
    ...(checked.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
  ];
  if (found.length > 0 || !checked.success) return { line, error: found.join('; ') };
  try {
    return { line, result: await score(checked.data) };
  } catch (error) {
    // a row at fault is told beside it; whatever else stops the work
    if (!(error instanceof AssayError) || error.code !== 'bad_input') throw error;
    const told = (error.parts.issues ?? []).map(({ path, message }) => `${path}: ${message}`);
    return { line, error: told.length > 0 ? told.join('; ') : error.message };
  }
}

const jsonLine = ({ line, result, error }: Line): string => JSON.stringify({ line, ...(result ?? { error }) });

const COLUMNS = ['line', 'application_id', 'borrower_id', 'pd', 'score', 'grade', 'model_version', 'missing'];

function csvHeader(withReasons: boolean): string {
  return [...COLUMNS, ...(withReasons ? ['reasons'] : []), 'error'].join(',');
}

function csvLine(withReasons: boolean): (line: Line) => string {
  return ({ line, result, error }) => {
    const cells = result
      ? [
          ...[result.applicationId, result.borrowerId, result.pd, result.score, result.grade, result.modelVersion],
          result.missing.join(' '),
          ...(withReasons ? [reasonsText(result)] : []),
        ]
      : new Array<null>(COLUMNS.length - 1 + (withReasons ? 1 : 0)).fill(null);
    return [line, ...cells, error ?? null].map(csvCell).join(',');
  };
}

function reasonsText({ reasons }: ScoreResult): string {
  return reasons.map(({ code, text, points }) => `${code} ${text} (${points.toFixed(1)})`).join('; ');
}

/** Standard input is set down in a file first: the reader looks at the start of it twice. */
async function sourceOf(
  { workingDirectory, signal }: CommandContext,
  file: string,
): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  if (file !== '-') return { path: resolve(workingDirectory, file), close: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), 'assay-score-'));
  const path = join(directory, 'input');
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal });
  return { path, close: () => rm(directory, { recursive: true, force: true }) };
}
