/**
 * Binning: Assay beside optbinning on the same columns, at equal settings (20 prebins by a tree, bins of at least 5 %), every
 * monotone shape tried for numbers, alternating in one run: information value by feature, and the ratio of the times.
 * Both times are of fitting alone; optbinning's leaves out Python's start and reading the file.
 * Run: ASSAY_PYTHON=… node bench/binning.ts [--rounds 3] [--json]; data: ASSAY_SHARED_DATA (default ../shared/data)
 */
import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Column, Frame } from '../src/domain/index.ts';
import { type BinnedFeature, binFeature, type Trend } from '../src/estimators/index.ts';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';
import { type EvaluationSet, loadEvaluationSet } from '../src/training/index.ts';

const DATA = process.env['ASSAY_SHARED_DATA'] ?? join(REPOSITORY_ROOT, '../shared/data');
const PYTHON = process.env['ASSAY_PYTHON'] ?? 'python3';
const TRENDS: readonly Trend[] = ['ascending', 'descending', 'peak', 'valley'];
const SETTINGS = { max_n_prebins: 20, min_prebin_size: 0.05, min_bin_size: 0.05 };

const BOOKS = [
  { name: 'German', file: 'german_credit/german.data', target: 'c21', positive: ['2'], header: false },
  {
    name: 'Give Me Some Credit',
    file: 'give_me_some_credit/cs-training.csv.gz',
    target: 'SeriousDlqin2yrs',
    positive: ['1'],
    header: true,
  },
] as const;

export type FeatureComparison = {
  readonly book: string;
  readonly feature: string;
  readonly trend: string;
  readonly ivAssay: number;
  readonly ivOptbinning: number;
  readonly difference: number;
};

export type BinningBench = {
  readonly optbinning: string;
  readonly features: readonly FeatureComparison[];
  readonly times: readonly {
    readonly book: string;
    readonly rows: number;
    readonly columns: number;
    readonly secondsAssay: number;
    readonly secondsOptbinning: number;
    /** Median of the rounds' ratios, optbinning over Assay: how many times faster. */
    readonly ratio: number;
  }[];
};

type Peer = {
  readonly version: string;
  readonly seconds: number;
  readonly features: Readonly<Record<string, { readonly iv: number; readonly trend: string }>>;
};

export async function benchBinning({ rounds = 3 }: { readonly rounds?: number } = {}): Promise<BinningBench> {
  const features: FeatureComparison[] = [];
  const times: BinningBench['times'][number][] = [];
  let version = '';
  for (const book of BOOKS) {
    const path = join(DATA, book.file);
    await access(path);
    const set = await loadEvaluationSet({ path, target: book.target, positive: book.positive, header: book.header });
    const runs: { assay: number; peer: Peer; binned: readonly BinnedFeature[] }[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      const binned = set.frame.columns.map((column) => bestOfTrends(column, set.target));
      const assay = (performance.now() - started) / 1000;
      runs.push({ assay, binned, peer: await binInPython(set) });
    }
    const last = runs.at(-1)!;
    version = last.peer.version;
    features.push(...last.binned.map((binned) => compare(book.name, binned, last.peer)));
    times.push({
      book: book.name,
      rows: set.frame.rowCount,
      columns: set.frame.columns.length,
      secondsAssay: median(runs.map((run) => run.assay)),
      secondsOptbinning: median(runs.map((run) => run.peer.seconds)),
      ratio: median(runs.map((run) => run.peer.seconds / run.assay)),
    });
  }
  return { optbinning: version, features, times };
}

function bestOfTrends(column: Column, target: Uint8Array): BinnedFeature {
  const tried = (column.kind === 'numeric' ? TRENDS : TRENDS.slice(0, 1)).map((trend) =>
    binFeature(column, target, { trend, maxPrebins: 20, minPrebinShare: 0.05, minBinShare: 0.05, minLevelShare: 0 }),
  );
  return tried.reduce((best, next) => (next.iv > best.iv ? next : best));
}

function compare(book: string, { feature, trend, iv }: BinnedFeature, peer: Peer): FeatureComparison {
  const theirs = peer.features[feature]!.iv;
  return { book, feature, trend, ivAssay: iv, ivOptbinning: theirs, difference: iv - theirs };
}

async function binInPython({ frame, target }: Pick<EvaluationSet, 'frame' | 'target'>): Promise<Peer> {
  const directory = await mkdtemp(join(tmpdir(), 'assay-bench-binning-'));
  try {
    const csv = join(directory, 'book.csv');
    await writeFile(csv, csvOf(frame, target));
    const categorical = frame.columns.flatMap((column) => (column.kind === 'categorical' ? [column.name] : []));
    const request = join(directory, 'request.json');
    await writeFile(request, JSON.stringify({ csv, categorical, trends: TRENDS, settings: SETTINGS }));
    const program = join(REPOSITORY_ROOT, 'python/reference/binning.py');
    const { stdout } = await promisify(execFile)(PYTHON, [program, request], { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function csvOf(frame: Frame, target: Uint8Array): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = [[...frame.columns.map((column) => quoted(column.name)), 'target'].join(',')];
  for (let row = 0; row < frame.rowCount; row++) {
    const cells = frame.columns.map((column) => {
      if (column.kind === 'numeric') return Number.isNaN(column.values[row]!) ? '' : String(column.values[row]!);
      return column.codes[row]! < 0 ? '' : quoted(column.levels[column.codes[row]!]!);
    });
    lines.push([...cells, target[row]].join(','));
  }
  return `${lines.join('\n')}\n`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string' } } });
  const result = await benchBinning({ rounds: Number(values.rounds ?? 3) });
  if (values.json) console.log(JSON.stringify(result));
  else {
    console.table(result.features);
    console.table(result.times);
  }
}
