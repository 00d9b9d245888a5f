/**
 * The process that owns libxgboost: loads it, does one job at a time, synchronously. A separate process because the
 * library blocks its thread for as long as a round takes, and because only a process can be stopped in the middle of one.
 * Started by engine.ts with the library path as its argument.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { AssayError } from '../../domain/index.ts';
import { dieWithParent } from '../owner/index.ts';
import { type Booster, createBooster, createMatrix, isBetter, loadBooster, type NativeMatrix } from './booster.ts';
import { loadXgboost, type XgboostLibrary } from './c-api.ts';
import { readMatrixFile } from './matrix-file.ts';
import type { ChildMessage, Job, PredictJob, RoundEvaluation, TrainJob } from './messages.ts';

/** How often a long job looks up: reports progress and notices that its parent is gone. */
const BREATH_MS = 100;

function send(message: ChildMessage): void {
  process.send?.(message);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run(library: XgboostLibrary, job: Job): Promise<void> {
  try {
    if (job.kind === 'train') await train(library, job);
    else predict(library, job);
  } catch (error) {
    send({ kind: 'failed', message: textOf(error) });
  }
}

async function train(library: XgboostLibrary, job: TrainJob): Promise<void> {
  const data = readMatrixFile(job.train);
  const trainMatrix = createMatrix(library, data, job.nthread);
  const validation = job.validation && createMatrix(library, readMatrixFile(job.validation), job.nthread);
  const cache = validation ? [trainMatrix, validation] : [trainMatrix];
  const booster = createBooster(library, job.parameters, { cache, features: data });
  try {
    const outcome = await boost(booster, job, trainMatrix, validation);
    writeFileSync(job.resultPath, booster.saveJson(outcome.cut));
    send({ kind: 'done', rounds: outcome.rounds, evaluations: outcome.evaluations });
  } finally {
    booster.free();
    for (const matrix of cache) matrix.free();
  }
}

type Outcome = { readonly rounds: number; readonly cut?: number; readonly evaluations: readonly RoundEvaluation[] };

async function boost(
  booster: Booster,
  job: TrainJob,
  trainMatrix: NativeMatrix,
  validation: NativeMatrix | undefined,
): Promise<Outcome> {
  const evaluations: RoundEvaluation[] = [];
  const patience = job.earlyStoppingRounds ?? Number.POSITIVE_INFINITY;
  let best: { round: number; value: number } | undefined;
  let breath = process.hrtime.bigint();
  for (let round = 0; round < job.rounds; round++) {
    booster.update(round, trainMatrix);
    if (validation) {
      const evaluation = evaluate(booster, round, trainMatrix, validation);
      evaluations.push(evaluation);
      if (best === undefined || isBetter(evaluation.metric, evaluation.validation, best.value)) {
        best = { round, value: evaluation.validation };
      } else if (round - best.round >= patience) break;
    }
    if (Number(process.hrtime.bigint() - breath) > BREATH_MS * 1e6) {
      breath = process.hrtime.bigint();
      send({ kind: 'progress', round: round + 1, rounds: job.rounds });
      await setImmediate();
    }
  }
  const kept = evaluations.map(({ round, train, validation: value }) => ({ round, train, validation: value }));
  const stopsEarly = job.earlyStoppingRounds !== undefined && best !== undefined;
  if (stopsEarly && best !== undefined) return { rounds: best.round + 1, cut: best.round + 1, evaluations: kept };
  return { rounds: job.rounds, evaluations: kept };
}

function evaluate(booster: Booster, round: number, trainMatrix: NativeMatrix, validation: NativeMatrix) {
  const sets = [
    { name: 'train', matrix: trainMatrix },
    { name: 'validation', matrix: validation },
  ];
  const values = booster.evaluate(round, sets);
  const [onTrain, onValidation] = [values.get('train'), values.get('validation')];
  if (!onTrain || !onValidation) throw new Error('libxgboost reported no metric: set eval_metric');
  return { round, metric: onValidation.metric, train: onTrain.value, validation: onValidation.value };
}

function predict(library: XgboostLibrary, job: PredictJob): void {
  const matrix = createMatrix(library, readMatrixFile(job.matrix), job.nthread);
  const booster = loadBooster(library, readFileSync(job.modelPath), job.nthread);
  try {
    const values = job.kind === 'margins' ? booster.margins(matrix) : booster.contributions(matrix);
    writeFileSync(job.resultPath, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    send({ kind: 'done', rounds: 0, evaluations: [] });
  } finally {
    booster.free();
    matrix.free();
  }
}

dieWithParent();
process.on('disconnect', () => process.exit(0));
try {
  const library = loadXgboost(process.argv[2] ?? '');
  process.on('message', (job: Job) => void run(library, job));
  send({ kind: 'ready', version: library.version });
} catch (error) {
  send({ kind: 'unusable', parts: error instanceof AssayError ? error.parts : { what: textOf(error) } });
}
