import { setImmediate } from 'node:timers/promises';
import type { DecisionScorer } from '../../decisions/index.ts';
import { AssayError, type FeatureRow, type InputColumn } from '../../domain/index.ts';
import { type InvocationType, readInvocationRows } from './read-rows.ts';

export type InvocationModel = {
  readonly modelVersion: string;
  readonly inputs: readonly InputColumn[];
  readonly scorer: DecisionScorer;
};

export type InvocationRequest = {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  /** What the caller wants back; unset or any: the format of the request. */
  readonly accept?: string | undefined;
  /** SageMaker's header for the container: `reasons=true` asks for reasons in any format. */
  readonly customAttributes?: string | undefined;
};

export type InvocationAnswer = { readonly contentType: InvocationType; readonly body: string };

export const INVOCATION_TYPES: readonly InvocationType[] = ['application/json', 'application/jsonlines', 'text/csv'];
/** Rows scored before the event loop gets a turn: a ping must be answered within two seconds. */
const BREATH_ROWS = 250;

type Prediction = ReturnType<DecisionScorer['score']>;

/**
 * Answers SageMaker's `POST /invocations`: the scores of the rows sent, by the same scorer as every other path.
 * JSON: `{"predictions": [...], "modelVersion"}`, or one prediction for one row. JSON Lines: a prediction a line. CSV: the pd
 * alone, a line a row, in the order of the rows, so that a batch transform can join it to its input.
 * A prediction is pd, score, grade, margin, and reasons when asked for.
 * @throws AssayError bad_input for a format it does not know or rows the model cannot read
 */
export async function answerInvocation(model: InvocationModel, request: InvocationRequest): Promise<InvocationAnswer> {
  const type = typeOf(request.contentType, 'Content-Type') ?? 'application/json';
  const { rows, reasons = false, isSingle = false } = readInvocationRows(request.body, type, model.inputs);
  const answerType = typeOf(request.accept, 'Accept') ?? type;
  const wantsReasons = reasons || /(^|[;,\s])reasons=true($|[;,\s])/.test(request.customAttributes ?? '');
  const predictions = await score(model.scorer, rows, wantsReasons);
  return {
    contentType: answerType,
    body: written(answerType, predictions, model.modelVersion, isSingle, wantsReasons),
  };
}

async function score(scorer: DecisionScorer, rows: readonly FeatureRow[], reasons: boolean): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (const [i, row] of rows.entries()) {
    if (i > 0 && i % BREATH_ROWS === 0) await setImmediate();
    predictions.push(scorer.score(row, { reasons }));
  }
  return predictions;
}

function written(
  type: InvocationType,
  predictions: readonly Prediction[],
  modelVersion: string,
  isSingle: boolean,
  withReasons: boolean,
): string {
  if (type === 'text/csv') return `${predictions.map(({ pd }) => pd).join('\n')}\n`;
  const all = predictions.map((prediction) => predictionOf(prediction, withReasons));
  if (type === 'application/jsonlines')
    return `${all.map((prediction) => JSON.stringify({ ...prediction, modelVersion })).join('\n')}\n`;
  return JSON.stringify(isSingle ? { ...all[0], modelVersion } : { predictions: all, modelVersion });
}

function predictionOf({ pd, score, grade, margin, reasons }: Prediction, withReasons: boolean) {
  const why = reasons.map(({ code, text, feature, points }) => ({ code, text, feature, points }));
  return { pd, score, grade, margin, ...(withReasons && { reasons: why }) };
}

/** The media type of a header without its parameters; undefined when it leaves the choice to us. */
function typeOf(header: string | undefined, name: string): InvocationType | undefined {
  const asked = (header ?? '').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '');
  if (asked.every((type) => type === '' || type === '*/*')) return undefined;
  const found = INVOCATION_TYPES.find(
    (type) => asked.includes(type) || (asked.includes(alias(type)) && alias(type) !== ''),
  );
  if (found !== undefined) return found;
  throw new AssayError('bad_input', {
    what: `the ${name} is not one that is scored here`,
    given: (header ?? '').slice(0, 100),
    allowed: INVOCATION_TYPES.join(', '),
    issues: [{ path: name, message: 'is not supported' }],
  });
}

/** Other names in use for JSON Lines. */
function alias(type: InvocationType): string {
  return type === 'application/jsonlines' ? 'application/x-jsonlines' : '';
}
