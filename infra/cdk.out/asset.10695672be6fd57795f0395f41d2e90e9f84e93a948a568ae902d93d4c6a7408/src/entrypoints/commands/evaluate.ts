import { createWriteStream } from 'node:fs';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AssayError, ESTIMATOR_NAMES, type EstimatorName } from '../../domain/index.ts';
import type { XgboostEngine } from '../../platform/index.ts';
import type { AnyEstimator, EvaluateRequest, Evaluation } from '../../training/index.ts';
import { type CommandContext, UsageError } from '../context.ts';

type EvaluateOptions = {
  readonly target: string;
  readonly positive: readonly string[];
  readonly folds?: string;
  readonly repeats: number;
  readonly drop: readonly string[];
  readonly time?: string;
  readonly trainUntil?: string;
  readonly missing: readonly string[];
  readonly header: boolean;
  readonly delimiter?: string;
  readonly encoding?: 'utf-8' | 'latin1' | 'utf-16le' | 'utf-16be';
  readonly estimators?: readonly EstimatorName[];
  readonly seed: number;
  readonly report?: string;
  readonly predictions?: string;
  readonly json: boolean;
};

const MAX_REPEATS = 20;
const MAX_SEED = 2 ** 31 - 1;

const NOTES = `
Rows without a value in the target are left out; rows are counted without them, from 0, in file order.
With --train-until 2010-12 the last day of that month is trained on; later rows are the test.
Exit code 0 ok, 1 failed, 2 wrong use (an option, or a name that the file does not hold).

Examples:
  assay evaluate cs-training.csv.gz --target SeriousDlqin2yrs --positive 1 --folds sha256:gmsc --report gmsc.html
  assay evaluate german.data --no-header --target c21 --positive 2 --folds sha256:german --repeats 5
  assay evaluate loans.csv --target loan_status --positive 'Charged Off' --time issue_d --train-until 2010-12`;

/** `assay evaluate`: how well can defaults be predicted from this file, with no portfolio and no hand work. */
export function registerEvaluate(program: Command, context: CommandContext): void {
  program
    .command('evaluate')
    .description('Cross-validate every estimator on a flat file: discrimination, calibration, time.')
    .argument('<file>', 'delimited text with one row per loan, plain or gzip')
    .requiredOption('--target <column>', 'column with the outcome (c1, c2 … with --no-header)')
    .requiredOption('--positive <value>', 'value that means default; may be given more than once', collect, [])
    .option(
      '--folds <rule>',
      'sha256:NAME: row i is in fold uint32_be(sha256("NAME:i")) mod 5 (default: the file name)',
      foldName,
    )
    .option('--repeats <n>', 'repeat under the names NAME, NAME/r1, NAME/r2 …', wholeNumber(1, MAX_REPEATS), 1)
    .option('--drop <columns>', 'columns to leave out, separated by commas', list, [])
    .option('--time <column>', 'split by this date or number instead of folds')
    .option('--train-until <value>', 'last date (2010, 2010-12, 2010-12-31) or number to train on')
    .option('--missing <texts>', "further texts that mean missing, separated by commas: '-9,-8,?'", list, [])
    .option('--no-header', 'the first line is data')
    .option('--delimiter <char>', 'one character, tab or whitespace (default: found out)', delimiterOf)
    .addOption(
      new Option('--encoding <name>', 'default: found out').choices(['utf-8', 'latin1', 'utf-16le', 'utf-16be']),
    )
    .option('--estimators <names>', `of ${ESTIMATOR_NAMES.join(', ')} (default: all)`, estimatorNames)
    .option('--seed <n>', 'seed of everything drawn', wholeNumber(0, MAX_SEED), 1)
    .option('--report <file>', 'write a self-contained HTML report')
    .option('--predictions <file>', 'write out-of-fold predictions: row,fold,estimator,pd')
    .option('--json', 'print figures as JSON', false)
    .addHelpText('after', NOTES)
    .action((file: string, options: EvaluateOptions) => run(file, options, context));
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function list(value: string, previous: readonly string[]): string[] {
  return [...previous, ...value.split(',').map((part) => part.trim())];
}

function foldName(value: string): string {
  if (/^sha256:.+/.test(value)) return value.slice('sha256:'.length);
  throw new InvalidArgumentError('It is sha256:NAME, for example sha256:gmsc.');
}

function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`);
  };
}

function delimiterOf(value: string): string {
  const delimiter = value === 'tab' || value === '\\t' ? '\t' : value;
  if (delimiter.length === 1 || delimiter === 'whitespace') return delimiter;
  throw new InvalidArgumentError('It is one character, "tab" or "whitespace".');
}

function estimatorNames(value: string): EstimatorName[] {
  return value.split(',').map((part) => {
    const name = ESTIMATOR_NAMES.find((known) => known === part.trim());
    if (!name) throw new InvalidArgumentError(`"${part}" is not an estimator; they are ${ESTIMATOR_NAMES.join(', ')}.`);
    return name;
  });
}

async function run(file: string, options: EvaluateOptions, context: CommandContext): Promise<void> {
  const outOfTime = outOfTimeOf(options);
  for (const path of [options.report, options.predictions])
    if (path) await assertWritable(resolve(context.workingDirectory, path));
  const { evaluateFile } = await import('../../training/index.ts');
  const tools = await openEstimators(options, context);
  const bar = progressBar(options, context);
  try {
    const evaluation = await evaluateFile({
      file: { ...fileOptions(file, options, context), ...(outOfTime && { outOfTime }) },
      estimators: tools.estimators,
      ...(options.folds !== undefined && { foldName: options.folds }),
      repeats: options.repeats,
      seed: options.seed,
      nthread: tools.nthread,
      clock: context.clock,
      signal: context.signal,
      onProgress: bar.update,
    });
    bar.stop();
    await writeFiles(evaluation, options, context);
    await printResult(evaluation, tools.warnings, options, context);
  } catch (error) {
    bar.stop();
    throw asUsage(error, context);
  } finally {
    await tools.close();
  }
}

function outOfTimeOf({ time, trainUntil }: EvaluateOptions): { column: string; until: string } | null {
  if (time === undefined && trainUntil === undefined) return null;
  if (time !== undefined && trainUntil !== undefined) return { column: time, until: trainUntil };
  throw new UsageError({
    what: 'a split by time needs both --time and --train-until',
    given: time === undefined ? `--train-until ${trainUntil}` : `--time ${time}`,
    allowed: '--time issue_date --train-until 2010-12',
    fix: 'give the other option too, or neither',
  });
}

async function assertWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    const parts = {
      what: `cannot write ${path}`,
      given: path,
      allowed: 'a file in a folder that exists and is writable',
      fix: 'make the folder first',
    };
    throw Object.assign(new UsageError(parts), { cause });
  }
}

function fileOptions(file: string, options: EvaluateOptions, context: CommandContext): EvaluateRequest['file'] {
  const { target, positive, drop, missing, header, delimiter, encoding } = options;
  return {
    path: resolve(context.workingDirectory, file),
    target,
    positive,
    drop,
    missing,
    header,
    ...(delimiter !== undefined && { delimiter }),
    ...(encoding !== undefined && { encoding }),
  };
}

type Tools = {
  readonly estimators: readonly AnyEstimator[];
  readonly nthread: number;
  readonly warnings: readonly string[];
  readonly close: () => Promise<void>;
};

async function openEstimators(options: EvaluateOptions, context: CommandContext): Promise<Tools> {
  const { createBoosted, createForest, logistic, scorecard } = await import('../../estimators/index.ts');
  const { loadConfig } = await import('../../platform/index.ts');
  const { nthread } = loadConfig(context.environment, context.workingDirectory);
  const names = options.estimators ?? ESTIMATOR_NAMES;
  const needsTrees = names.includes('boosted') || names.includes('forest');
  const opened = needsTrees ? await openEngine(options, context) : null;
  const estimators = names.flatMap((name): AnyEstimator[] => {
    if (name === 'scorecard') return [scorecard];
    if (name === 'logistic') return [logistic];
    if (!opened?.engine) return [];
    return [name === 'boosted' ? createBoosted(opened.engine) : createForest(opened.engine)];
  });
  return { estimators, nthread, warnings: opened?.warnings ?? [], close: opened?.close ?? (async () => undefined) };
}

type OpenedEngine = {
  readonly engine: XgboostEngine | null;
  readonly warnings: readonly string[];
  readonly close: () => Promise<void>;
};

/** Without libxgboost the other estimators still answer, unless trees were asked for by name. */
async function openEngine(options: EvaluateOptions, context: CommandContext): Promise<OpenedEngine> {
  const { ensureXgboost, loadConfig, openXgboostEngine } = await import('../../platform/index.ts');
  const config = loadConfig(context.environment, context.workingDirectory);
  const scratchDirectory = await mkdtemp(join(tmpdir(), 'assay-evaluate-'));
  const removeScratch = () => rm(scratchDirectory, { recursive: true, force: true });
  try {
    const libraryPath = await ensureXgboost(config, {
      signal: context.signal,
      onProgress: context.isTerminal ? context.printError : () => undefined,
    });
    const engine = await openXgboostEngine({ libraryPath, nthread: config.nthread, scratchDirectory });
    const close = async () => {
      await engine.close();
      await removeScratch();
    };
    return { engine, warnings: [], close };
  } catch (error) {
    await removeScratch();
    if (options.estimators || !(error instanceof AssayError) || error.code !== 'unavailable') throw error;
    return {
      engine: null,
      warnings: [`boosted and forest are left out: ${error.message}`],
      close: async () => undefined,
    };
  }
}

function progressBar(options: EvaluateOptions, { isTerminal }: CommandContext) {
  if (!isTerminal || options.json) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {note}',
    barsize: 28,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    linewrap: false,
  });
  bar.start(1000, 0, { note: '' });
  return {
    update: (share: number, note: string) => bar.update(Math.floor(1000 * share), { note }),
    stop: () => bar.stop(),
  };
}

async function writeFiles(evaluation: Evaluation, options: EvaluateOptions, context: CommandContext): Promise<void> {
  const { evaluationReport, predictionsCsv } = await import('../../training/index.ts');
  if (options.report) {
    const createdAt = context.clock.now().toISOString();
    await writeFile(resolve(context.workingDirectory, options.report), evaluationReport(evaluation, { createdAt }));
  }
  if (options.predictions) {
    const path = resolve(context.workingDirectory, options.predictions);
    await pipeline(Readable.from(predictionsCsv(evaluation)), createWriteStream(path));
  }
}

async function printResult(
  evaluation: Evaluation,
  further: readonly string[],
  options: EvaluateOptions,
  context: CommandContext,
): Promise<void> {
  const { evaluationJson, evaluationText, warningsText } = await import('../../training/index.ts');
  if (options.json) {
    const json = evaluationJson(evaluation);
    context.print(JSON.stringify(further.length > 0 ? { ...json, leftOut: further } : json, null, 2));
    return;
  }
  for (const text of [...further, ...warningsText(evaluation)]) context.printError(`warning: ${text}`);
  context.print(evaluationText(evaluation));
  if (options.report) context.print(`report: ${options.report}`);
  if (options.predictions) context.print(`predictions: ${options.predictions}`);
}

/** A file or a name in it that is not there is wrong use; an abort is told by who aborted. */
function asUsage(error: unknown, { signal }: CommandContext): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof AssayError && error.code === 'not_found')
    return Object.assign(new UsageError(error.parts), { cause: error });
  return error;
}
