/*
 * `assay evaluate` as its user meets it: flat files in many shapes, through the command to figures, report and predictions; and
 * every kind of unusable file to a message that says what, given, allowed and fix, with its exit code. Trees need libxgboost and
 * are walked through on German credit only. How good the figures are on each public set is measured in bench/quality.ts.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { Command, CommanderError } from 'commander';
import { AssayError } from '../../src/domain/index.ts';
import { registerEvaluate } from '../../src/entrypoints/commands/evaluate.ts';
import { UsageError } from '../../src/entrypoints/context.ts';
import { findXgboost, loadConfig } from '../../src/platform/index.ts';
import { auc, type Evaluation, type evaluationJson } from '../../src/training/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-evaluate-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const SHARED = resolve(process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');
const GERMAN = join(SHARED, 'german_credit/german.data');
const noGerman = existsSync(GERMAN) ? false : `no ${GERMAN}; set ASSAY_SHARED_DATA`;
const noLibrary = (await findXgboost(loadConfig(process.env, process.cwd())))
  ? false
  : 'libxgboost is not installed here';

type Outcome = { readonly code: 0 | 1 | 2; readonly out: string; readonly err: string; readonly error: unknown };

async function assay(args: readonly string[], signal = new AbortController().signal): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const program = new Command('assay')
    .exitOverride()
    .configureOutput({ writeErr: (text) => err.push(text), writeOut: (text) => out.push(text) });
  registerEvaluate(program, {
    environment: process.env,
    workingDirectory: folder,
    clock: { now: () => new Date() },
    signal,
    isTerminal: false,
    print: (text) => out.push(`${text}\n`),
    printError: (text) => err.push(`${text}\n`),
  });
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeErr: (text) => err.push(text) });
  let error: unknown;
  try {
    await program.parseAsync(['node', 'assay', 'evaluate', ...args]);
  } catch (thrown) {
    error = thrown;
  }
  const isUsage = error instanceof CommanderError || error instanceof UsageError;
  return { code: error === undefined ? 0 : isUsage ? 2 : 1, out: out.join(''), err: err.join(''), error };
}

const QUICK = ['--estimators', 'scorecard,logistic'];
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return name;
};

/** 400 rows whose default depends on `income` and `housing`; deterministic, with every kind of column. */
function book(extra: (i: number, defaulted: number) => string = () => '', head = ''): string {
  const uniform = (i: number, salt: string): number =>
    createHash('sha256').update(`${salt}:${i}`).digest().readUInt32BE(0) / 2 ** 32;
  const lines = Array.from({ length: 400 }, (_, i) => {
    const income = Math.round(1000 + 4000 * uniform(i, 'income'));
    const housing = uniform(i, 'housing') < 0.5 ? 'own' : 'rent';
    const margin = 1.2 - income / 1500 + (housing === 'rent' ? 1 : 0);
    const defaulted = uniform(i, 'default') < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
    const rate = `${(5 + 10 * uniform(i, 'rate')).toFixed(2)}%`;
    const month = String(1 + (i % 12)).padStart(2, '0');
    const cells = [
      10_000 + i * 7,
      income,
      housing,
      rate,
      ` ${i % 2 ? 36 : 60} months`,
      `20${10 + (i % 3)}-${month}-01`,
      'same',
      '',
      defaulted,
    ];
    return `${cells.join(',')}${extra(i, defaulted)}`;
  });
  return `loan_id,income,housing,rate,term,issued,constant,empty,bad${head}\n${lines.join('\n')}\n`;
}

type Json = ReturnType<typeof evaluationJson> & {
  estimators: {
    estimator: string;
    auc: { value: number };
    pooled: { auc: { value: number } };
    splits: { auc: number }[];
  }[];
  columns: { name: string; type: string; form: string | null }[];
  warnings: { code: string; column: string | null }[];
  plan: Evaluation['plan'];
};
const parsed = (outcome: Outcome): Json => {
  assert.equal(outcome.code, 0, String(outcome.error));
  return JSON.parse(outcome.out);
};

describe('a file with 1,500 columns', () => {
  const bytes = (i: number): Buffer => createHash('shake256', { outputLength: 1_500 }).update(`wide:${i}`).digest();
  const head = Array.from({ length: 1_498 }, (_, column) => `n${column}`).join(',');
  const rows = Array.from({ length: 500 }, (_, i) => {
    const drawn = bytes(i);
    const [driver, luck] = [drawn[1_498]!, drawn[1_499]! / 256];
    const day = 1000 + 2 * (i >> 1);
    return `${drawn.subarray(0, 1_498).join(',')},${driver},${day},${luck < 0.1 + driver / 320 ? 1 : 0}`;
  });
  const file = write('wide.csv', `${head},driver,day,bad\n${rows.join('\n')}\n`);
  const options = [
    file,
    '--target',
    'bad',
    '--positive',
    '1',
    '--time',
    'day',
    '--train-until',
    '1374',
    '--estimators',
    'scorecard',
  ];

  it('is narrowed in each fit to what tells most, and says so', async () => {
    const { code, out, err } = await assay(options);
    assert.equal(code, 0, err);
    assert.match(out, /1499 features.*\n.*\neach fit looks at the 200 columns that tell most by themselves/);
    const found: ReturnType<typeof evaluationJson> = JSON.parse((await assay([...options, '--json'])).out);
    const [card] = found['estimators'] as { auc: { value: number }; importance: { feature: string }[] }[];
    assert.equal(card!.importance[0]!.feature, 'driver');
    assert.ok(card!.importance.length <= 200 && card!.auc.value > 0.55, `AUC ${card!.auc.value}`);
  });

  it('can be interrupted while columns are looked at', async () => {
    const stop = new AbortController();
    const work = assay(options, stop.signal);
    setTimeout(() => stop.abort(new AssayError('cancelled', { what: 'stopped by SIGINT' })), 300);
    const { code, error } = await work;
    assert.equal(code, 1);
    assert.match(String(error), /stopped by SIGINT/);
  });
});

describe('a usable file', () => {
  const file = write('book.csv', book());

  it('has its columns typed and its useless ones left out', async () => {
    const { columns, warnings, rows } = parsed(
      await assay([file, '--target', 'bad', '--positive', '1', '--json', ...QUICK]),
    );
    assert.equal(rows, 400);
    assert.deepEqual(
      Object.fromEntries(columns.map(({ name, type, form }) => [name, form === 'plain' ? type : (form ?? type)])),
      {
        loan_id: 'left_out',
        income: 'number',
        housing: 'category',
        rate: 'percent',
        term: 'with_unit',
        issued: 'date',
        constant: 'left_out',
        empty: 'left_out',
      },
    );
    assert.deepEqual(warnings.map(({ code }) => code).sort(), [
      'all_missing',
      'constant',
      'date_feature',
      'identifier',
    ]);
  });

  it('writes predictions by the fold rule whose AUC is the one printed', async () => {
    const found = parsed(
      await assay([
        file,
        '--target',
        'bad',
        '--positive',
        '1',
        '--folds',
        'sha256:demo',
        '--predictions',
        'out.csv',
        '--json',
        ...QUICK,
      ]),
    );
    const target = book()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.at(-1)));
    const [head, ...lines] = readFileSync(join(folder, 'out.csv'), 'utf8').trim().split('\n');
    assert.equal(head, 'row,fold,estimator,pd');
    assert.equal(lines.length, 400 * found.estimators.length);
    const rows = lines.map((line) => line.split(',')).filter(([, , estimator]) => estimator === 'scorecard');
    for (const [row, fold] of rows) {
      assert.equal(Number(fold), createHash('sha256').update(`demo:${row}`).digest().readUInt32BE(0) % 5);
    }
    const ofFold = (fold: number) => rows.filter((row) => Number(row[1]) === fold);
    const aucs = [0, 1, 2, 3, 4].map((fold) =>
      auc({
        scores: ofFold(fold).map((row) => Number(row[3])),
        target: ofFold(fold).map((row) => target[Number(row[0])]!),
      }),
    );
    const scorecard = found.estimators.find(({ estimator }) => estimator === 'scorecard')!;
    assert.deepEqual(
      scorecard.splits.map((split) => split.auc),
      aucs,
    );
    assert.ok(Math.abs(scorecard.auc.value - aucs.reduce((a, b) => a + b, 0) / 5) < 1e-12);
    assert.ok(scorecard.auc.value > 0.65);
  });

  it('gives the same figures twice', async () => {
    const args = [file, '--target', 'bad', '--positive', '1', '--json', ...QUICK];
    const figures = async () => parsed(await assay(args)).estimators.map(({ auc: value, pooled }) => [value, pooled]);
    assert.deepEqual(await figures(), await figures());
  });

  it('is split by time on request, the last month included', async () => {
    const { plan } = parsed(
      await assay([
        file,
        '--target',
        'bad',
        '--positive',
        '1',
        '--time',
        'issued',
        '--train-until',
        '2011-12',
        '--json',
        ...QUICK,
      ]),
    );
    const later = Array.from({ length: 400 }, (_, i) => i % 3).filter((year) => year === 2).length;
    assert.deepEqual(plan, {
      kind: 'out_of_time',
      column: 'issued',
      until: '2011-12',
      trainRows: 400 - later,
      testRows: later,
    });
  });

  it('makes a report that needs nothing else and escapes what the file holds', async () => {
    const hostile = write(
      'hostile.csv',
      book(() => ',1', ',<img src=x onerror=alert(1)>'),
    );
    const outcome = await assay([hostile, '--target', 'bad', '--positive', '1', '--report', 'out.html', ...QUICK]);
    assert.equal(outcome.code, 0, String(outcome.error));
    assert.match(outcome.out, /scorecard +0\.\d{4} \(0\.\d{4}–0\.\d{4}\)/);
    const report = readFileSync(join(folder, 'out.html'), 'utf8');
    assert.ok(report.includes('&lt;img src=x onerror=alert(1)&gt;'));
    assert.ok(!/<img|<script|src=(?!x onerror)|href="(?!#)|url\(|@import/.test(report));
    for (const chart of ['ROC', 'Gains', 'Calibration', 'Distribution'])
      assert.ok(report.includes(`aria-label="${chart}`), chart);
  });

  it('reads codes as missing when told to, and other dialects by itself', async () => {
    const coded = write('coded.csv', book().replaceAll(',', ';').replace(/;own;/, ';-9;'));
    const found = parsed(
      await assay([coded, '--target', 'bad', '--positive', '1', '--missing', '-9,-8', '--json', ...QUICK]),
    );
    assert.equal(found.columns.find(({ name }) => name === 'housing')!.type, 'category');
    const latin = write('latin.csv', Buffer.from(book().replaceAll('own', 'própria'), 'latin1'));
    assert.equal(
      (await assay([latin, '--target', 'bad', '--positive', '1', '--encoding', 'latin1', '--json', ...QUICK])).code,
      0,
    );
  });
});

describe('a feature that gives the outcome away', () => {
  it('is left out when it repeats the target, warned of when it nearly does or is known only afterwards', async () => {
    const file = write(
      'leaky.csv',
      book(
        (i, bad) => `,${bad ? 'yes' : 'no'},${bad === 1 ? 5 + (i % 7) : i % 5},${bad === 1 ? i + 0.5 : 0}`,
        ',default_flag,hint,recoveries',
      ),
    );
    const outcome = await assay([file, '--target', 'bad', '--positive', '1', '--json', ...QUICK]);
    const codes = new Map(parsed(outcome).warnings.map(({ code, column }) => [column, code]));
    assert.equal(codes.get('default_flag'), 'target_copy');
    assert.equal(codes.get('hint'), 'target_leak');
    assert.equal(codes.get('recoveries'), 'target_leak');
    const shown = await assay([file, '--target', 'bad', '--positive', '1', ...QUICK]);
    assert.match(shown.err, /--drop 'hint,recoveries'/);
    const dropped = await assay([
      file,
      '--target',
      'bad',
      '--positive',
      '1',
      '--drop',
      'hint,recoveries,default_flag',
      '--json',
      ...QUICK,
    ]);
    assert.ok(parsed(dropped).estimators.every((one) => one.auc.value < 0.95));
  });
});

/** What is wrong, the arguments after the file, the exit code, and what the message must say. */
const UNUSABLE: readonly (readonly [string, string | Uint8Array, readonly string[], 1 | 2, RegExp])[] = [
  ['an empty file', '', ['--target', 'bad', '--positive', '1'], 1, /empty/],
  ['only a header', 'income,bad\n', ['--target', 'bad', '--positive', '1'], 1, /header but no rows/],
  [
    'the wrong delimiter',
    book(),
    ['--target', 'bad', '--positive', '1', '--delimiter', '|'],
    1,
    /single column.*--delimiter/,
  ],
  [
    'a target column that is not there',
    book(),
    ['--target', 'bda', '--positive', '1'],
    2,
    /no column "bda".*did you mean "bad"/,
  ],
  [
    'a dropped column that is not there',
    book(),
    ['--target', 'bad', '--positive', '1', '--drop', 'incom'],
    2,
    /--drop.*did you mean "income"/,
  ],
  [
    'a positive value that is not there',
    book(),
    ['--target', 'bad', '--positive', 'Y'],
    2,
    /never holds the value "Y".*"0" \(\d+ rows\), "1" \(\d+ rows\)/,
  ],
  ['one class only', book().replace(/,[01]$/gm, ',1'), ['--target', 'bad', '--positive', '1'], 1, /one class only/],
  ['a target that is a quantity', book(), ['--target', 'income', '--positive', '1'], 2, /never holds/],
  [
    'nothing but constant and empty columns',
    'a,b,bad\n'.concat('1,,0\n1,,1\n'.repeat(50)),
    ['--target', 'bad', '--positive', '1'],
    1,
    /no column left.*every row holds "1".*every row is missing/,
  ],
  [
    'nothing but a copy of the target',
    'copy,bad\n'.concat('n,0\ny,1\n'.repeat(50)),
    ['--target', 'bad', '--positive', '1'],
    1,
    /no column left.*repeats the target/,
  ],
  [
    'bytes that are not UTF-8',
    Buffer.from(book().replaceAll('own', 'própria'), 'latin1'),
    ['--target', 'bad', '--positive', '1'],
    1,
    /not utf-8.*line 2.*--encoding latin1/s,
  ],
  [
    'a cell of a million characters',
    book().replace('own', 'x'.repeat(1_000_000)),
    ['--target', 'bad', '--positive', '1'],
    1,
    /column "housing".*65,536/s,
  ],
  ['a quote that is never closed', book().replace('own', '"own'), ['--target', 'bad', '--positive', '1'], 1, /quote/],
  [
    'a column name twice',
    book().replace('income,', 'rate,'),
    ['--target', 'bad', '--positive', '1'],
    1,
    /more than once.*"rate" \(columns 2, 4\)/,
  ],
  [
    'too few rows for folds',
    'x,bad\n1,0\n9,1\n3,0\n4,1\n5,0\n',
    ['--target', 'bad', '--positive', '1'],
    1,
    /too few rows for 5-fold/,
  ],
  [
    'rows cut short',
    book().replace(/,same,,/g, (text, at: number) => (at % 5 === 0 ? ',' : text)),
    ['--target', 'bad', '--positive', '1'],
    1,
    /another number of cells than the header \(9\)/,
  ],
  [
    'a time without its limit',
    book(),
    ['--target', 'bad', '--positive', '1', '--time', 'issued'],
    2,
    /both --time and --train-until/,
  ],
  [
    'a limit that is no date',
    book(),
    ['--target', 'bad', '--positive', '1', '--time', 'issued', '--train-until', 'soon'],
    1,
    /cannot be split by "issued"/,
  ],
  [
    'a limit after every row',
    book(),
    ['--target', 'bad', '--positive', '1', '--time', 'issued', '--train-until', '2030'],
    1,
    /one side empty/,
  ],
  [
    'a fold rule of another form',
    book(),
    ['--target', 'bad', '--positive', '1', '--folds', 'random'],
    2,
    /sha256:NAME/,
  ],
  [
    'an unknown estimator',
    book(),
    ['--target', 'bad', '--positive', '1', '--estimators', 'svm'],
    2,
    /scorecard, logistic, forest, boosted/,
  ],
  [
    'a report in a folder that is not there',
    book(),
    ['--target', 'bad', '--positive', '1', '--report', 'no/such/out.html'],
    2,
    /cannot write/,
  ],
  ['no target named', book(), ['--positive', '1'], 2, /--target/],
  ['no default named', book(), ['--target', 'bad'], 1, /default is not said.*"1" \(\d+ rows\)/],
];

describe('an unusable file or option ends in a clear message', () => {
  for (const [what, content, args, code, message] of UNUSABLE) {
    it(what, async () => {
      const file = write('unusable.csv', content);
      const outcome = await assay([file, ...(args.includes('--estimators') ? args : [...args, ...QUICK])]);
      const text = outcome.error instanceof AssayError ? outcome.error.message : outcome.err;
      assert.match(text, message);
      assert.equal(outcome.code, code, text);
      assert.equal(outcome.out, '');
      if (outcome.error instanceof AssayError) assert.ok(outcome.error.parts.allowed && outcome.error.parts.fix, text);
    });
  }

  it('a file that is not there', async () => {
    const outcome = await assay(['nowhere.csv', '--target', 'bad', '--positive', '1', ...QUICK]);
    assert.equal(outcome.code, 2);
    assert.match(String(outcome.error), /nowhere\.csv/);
  });

  it('numbers mixed with text are read, with a warning that shows them', async () => {
    const lines = book()
      .trim()
      .split('\n')
      .map((line, i) => (i > 0 && i % 100 === 1 ? line.replace(/^(\d+),\d+/, '$1,unknown') : line));
    const found = parsed(
      await assay([write('mixed.csv', lines.join('\n')), '--target', 'bad', '--positive', '1', '--json', ...QUICK]),
    );
    const warning = found.warnings.find(({ code }) => code === 'mixed_types');
    assert.equal(warning?.column, 'income');
    assert.match(JSON.stringify(warning), /4 rows such as \\"unknown\\"/);
  });

  it('being interrupted', async () => {
    const file = write('interrupted.csv', book());
    const reason = new AssayError('cancelled', { what: 'stopped by SIGINT' });
    const outcome = await assay([file, '--target', 'bad', '--positive', '1', ...QUICK], AbortSignal.abort(reason));
    assert.equal(outcome.error, reason);
    assert.equal(outcome.code, 1);
  });
});

describe('German credit, every estimator', { skip: noGerman || noLibrary }, () => {
  it('boosted and forest beat chance by far, the blend is there, and training stops when told to', async () => {
    const args = [GERMAN, '--no-header', '--target', 'c21', '--positive', '2', '--folds', 'sha256:german', '--json'];
    const found = parsed(await assay([...args, '--estimators', 'scorecard,forest']));
    assert.deepEqual(
      found.estimators.map(({ estimator }) => estimator),
      ['scorecard', 'forest', 'blend'],
    );
    assert.ok(found.estimators.every((one) => one.auc.value > 0.74));
    const stop = new AbortController();
    const running = assay([...args, '--estimators', 'boosted'], stop.signal);
    setTimeout(() => stop.abort(new AssayError('cancelled', { what: 'stopped by SIGINT' })), 1500);
    assert.match(String((await running).error), /SIGINT/);
  });
});
