/**
 * Application fraud, measured: the isolation forest beside scikit-learn's on the same matrices (ULB extract, split by time and
 * fitted on normal rows; simulated card transactions, seven days to fit without labels and seven to test); and planted fraud on
 * Lending Club 2011 and on the simulated bank. Five seeds each: mean, lowest and highest. The range is that of the planting and the
 * forest, over one book each.
 *
 * The planting rule is ours, so the figures say how well the signals find what we thought of, not fraud as it is: 2 % of the
 * applications, a third each. Identity copy: another borrower's application of up to 60 days before, under a new borrower, with
 * another amount. Income lift: the stated income times 1.8 to 3, what follows from it with it (debt over income). Ring: six
 * borrowers within ten days who share what a ring shares (bank: device or telephone, and employer; Lending Club: employer and
 * place, amount). Drawn with a seed; the honest rest is untouched.
 *
 * Run: ASSAY_PYTHON=… node bench/fraud.ts --data DIR [--home DIR of a trained simulated bank] [--json]
 */
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { anomalyScores, fitIsolationForest } from '../src/fraud/index.ts';
import { auc } from '../src/training/index.ts';
import { plantedBooks, spreadOf } from './fraud-planted.ts';

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, home: { type: 'string' }, json: { type: 'boolean', default: false } },
});
if (options.data === undefined) throw new Error('--data DIR names the folder of the public data');
const [TREES, SAMPLE, SEEDS] = [200, 256, 5];

type Task = { readonly name: string; readonly train: number[][]; readonly test: number[][]; readonly label: number[] };

const forests = [];
for (const task of [await ulb(options.data), await cards(options.data)]) forests.push(await sideBySide(task));
const planted = await plantedBooks(options.data, options.home, SEEDS);
if (options.json) console.log(JSON.stringify({ forests, planted }, null, 2));
else {
  console.table(forests);
  console.table(planted);
}

async function sideBySide({ name, train, test, label }: Task) {
  const frameOf = (rows: number[][]) => ({
    rowCount: rows.length,
    columns: rows[0]!.map((_, j) => Float64Array.from(rows, (row) => row[j]!)),
  });
  const [fitOn, scored] = [frameOf(train), frameOf(test)];
  const started = performance.now();
  const aucs = Array.from({ length: SEEDS }, (_, seed) =>
    auc({
      scores: anomalyScores(fitIsolationForest(fitOn, { trees: TREES, sample: SAMPLE, seed }), scored),
      target: label,
    }),
  );
  const seconds = (performance.now() - started) / 1000 / SEEDS;
  const peer = await scikitLearn({ name, train, test, label });
  return {
    name,
    train: train.length,
    test: test.length,
    frauds: label.reduce((sum, value) => sum + value, 0),
    aucAssay: spreadOf(aucs, 4),
    aucScikitLearn: peer === null ? null : spreadOf(peer.aucs, 4),
    secondsAssay: seconds.toFixed(2),
    secondsScikitLearn: peer?.seconds.toFixed(2) ?? null,
  };
}

async function scikitLearn({ train, test, label }: Task): Promise<{ aucs: number[]; seconds: number } | null> {
  const python = process.env['ASSAY_PYTHON'];
  if (!python) return null;
  const folder = await mkdtemp(join(tmpdir(), 'assay-fraud-'));
  try {
    await writeFile(join(folder, 'train.f64'), new Uint8Array(Float64Array.from(train.flat()).buffer));
    await writeFile(join(folder, 'test.f64'), new Uint8Array(Float64Array.from(test.flat()).buffer));
    await writeFile(join(folder, 'label.u8'), Uint8Array.from(label));
    const script = new URL('../python/reference/fraud.py', import.meta.url).pathname;
    const done = spawnSync(python, [script, folder, String(train[0]!.length), String(TREES), String(SAMPLE)], {
      encoding: 'utf8',
    });
    if (done.status !== 0) throw new Error(done.stderr);
    return JSON.parse(done.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** First 70 % of the time to fit, normal rows only; V1 to V28 and the amount. */
async function ulb(data: string): Promise<Task> {
  const rows: { time: number; values: number[]; label: number }[] = [];
  for await (const line of linesOf(join(data, 'fraud/ulb_creditcard_extract.csv.gz'))) {
    const cells = line.split(',').map(Number);
    rows.push({ time: cells[1]!, values: cells.slice(2, 31), label: cells[31]! });
  }
  rows.sort((a, b) => a.time - b.time);
  const cut = Math.floor(rows.length * 0.7);
  const test = rows.slice(cut);
  return {
    name: 'ULB extract',
    train: rows
      .slice(0, cut)
      .filter((row) => row.label === 0)
      .map((row) => row.values),
    test: test.map((row) => row.values),
    label: test.map((row) => row.label),
  };
}

/** Amount, hour and weekday of a transaction: what a row says by itself. */
async function cards(data: string): Promise<Task> {
  const task: Task = { name: 'simulated cards', train: [], test: [], label: [] };
  for await (const line of linesOf(join(data, 'fraud/simulated_card_transactions_2018.csv.gz'))) {
    const [, at = '', , , amount = '0', fraud = '0'] = line.split(',');
    const day = (Date.parse(`${at.slice(0, 10)}T00:00:00Z`) - Date.parse('2018-07-25T00:00:00Z')) / 86_400_000;
    if (day < 0) continue;
    if (day >= 14) break;
    const values = [Number(amount), Number(at.slice(11, 13)), (day + 3) % 7];
    if (day < 7) task.train.push(values);
    else {
      task.test.push(values);
      task.label.push(Number(fraud));
    }
  }
  return task;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({
    input: createReadStream(path).pipe(createGunzip()),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let isHeader = true;
  for await (const line of lines) {
    if (!isHeader && line !== '') yield line;
    isHeader = false;
  }
}
