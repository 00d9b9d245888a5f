/**
 * One definition and one score over a whole book: every cell of every feature in DuckDB, online and on Spark, and every row by every
 * model version of the book in our scorer and on Spark; prints what was compared and what differs, and ends with 1 when anything does.
 * Usage: node bench/parity.ts --home DIR [--portfolio simulated-bank] [--threads 2] [--json]
 * Needs a home that `assay up --once` has filled (it is only read; features are computed anew beside it), ASSAY_SPARK_PYTHON with
 * python/spark/requirements.txt, and Java. About two minutes for the simulated bank, one for Berka.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { MANIFEST_FILE, MODEL_FILE, openArtifact, SIGNATURE_FILE } from '../src/estimators/index.ts';
import {
  buildFeatures,
  FEATURES_KEY,
  type FeatureFrame,
  featureParity,
  readFeatureFrame,
  sparkParity,
  tablesOf,
} from '../src/features/index.ts';
import { openLocalLake, openSigner, openWarehouse, runSparkScript, type Warehouse } from '../src/platform/index.ts';
import { createScorer, type Scorer, sparkFiles } from '../src/scoring/index.ts';

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    portfolio: { type: 'string', default: 'simulated-bank' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
if (values.home === undefined) throw new Error('--home DIR: a home that assay up --once has filled');
const home = resolve(values.home);
const spark = {
  python: process.env['ASSAY_SPARK_PYTHON'] ?? 'python3',
  threads: Number(values.threads),
  memory: '4g',
};

type Line = {
  readonly what: string;
  readonly rows: number;
  readonly compared: number;
  readonly different: number;
  readonly seconds: number;
};

async function timed(what: string, work: () => Promise<Omit<Line, 'what' | 'seconds'>>): Promise<Line> {
  const started = performance.now();
  const line = { what, ...(await work()), seconds: (performance.now() - started) / 1000 };
  if (!values.json)
    console.log(`| ${what} | ${line.rows} | ${line.compared} | ${line.different} | ${line.seconds.toFixed(0)} |`);
  return line;
}

/** Margins bit for bit, pds to 1e-15, grades: three cells a row. */
async function scoresAlike(
  warehouse: Warehouse,
  { frame, applicationIds }: FeatureFrame,
  scorer: Scorer,
  output: string,
): Promise<Omit<Line, 'what' | 'seconds'>> {
  const theirs = await warehouse.rows<{ application_id: string; margin: number; pd: number; grade: string }>(
    `SELECT application_id, margin, pd, grade FROM read_parquet('${output}/*.parquet')`,
  );
  const byId = new Map(theirs.map((row) => [row.application_id, row]));
  const ours = scorer.scoreFrame(frame);
  let different = 3 * Math.abs(theirs.length - frame.rowCount);
  applicationIds.forEach((id, i) => {
    const row = byId.get(id);
    if (row?.margin !== ours.margin[i]) different++;
    if (!(Math.abs((row?.pd ?? Number.NaN) - ours.pd[i]!) <= 1e-15)) different++;
    if (row?.grade !== ours.grade[i]) different++;
  });
  return { rows: frame.rowCount, compared: 3 * frame.rowCount, different };
}

async function artifactOf(version: string) {
  const names = [MANIFEST_FILE, MODEL_FILE, SIGNATURE_FILE];
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(home, 'models', version, name))] as const),
  );
  const signer = openSigner(home);
  return openArtifact(Object.fromEntries(files), (bytes, signed) => signer.verify(bytes, signed));
}

const scratch = await mkdtemp(join(tmpdir(), 'assay-parity-'));
const warehouse = await openWarehouse({ threads: spark.threads });
try {
  const portfolio = await loadPortfolio(values.portfolio);
  await cp(join(home, 'lake', portfolio.name, 'processed'), join(scratch, 'lake/processed'), { recursive: true });
  const lake = openLocalLake(join(scratch, 'lake'));
  const book = { warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) };
  const { features } = await buildFeatures(book);
  if (!values.json)
    console.log(
      `${portfolio.name}, ${features.length} features\n\n| compared | rows | cells | different | seconds |\n|---|---:|---:|---:|---:|`,
    );
  const lines = [
    await timed('features: online = DuckDB', async () => {
      const { applications, cells, mismatchCount } = await featureParity(book);
      return { rows: applications, compared: cells, different: mismatchCount };
    }),
    await timed('features: Spark = DuckDB', async () => {
      const { applications, cells, mismatchCount } = await sparkParity({ ...book, spark });
      return { rows: applications, compared: cells, different: mismatchCount };
    }),
  ];
  const frame = await readFeatureFrame(book);
  const versions = (await readdir(join(home, 'models'))).filter((name) => name.startsWith(`${portfolio.name}-`)).sort();
  for (const version of versions) {
    const { manifest, fitted } = await artifactOf(version);
    const [artifact, output] = [join(scratch, version), join(scratch, `${version}-scores`)];
    await mkdir(artifact);
    for (const [name, text] of Object.entries(sparkFiles(manifest, fitted)))
      await writeFile(join(artifact, name), text);
    const args = ['--artifact', artifact, '--features', lake.path(FEATURES_KEY), '--output', output];
    lines.push(
      await timed(`margin, pd, grade of ${version}: Spark = scorer`, async () => {
        await runSparkScript('score.py', args, spark);
        return scoresAlike(warehouse, frame, createScorer(manifest, fitted), output);
      }),
    );
  }
  if (values.json)
    console.log(JSON.stringify({ portfolio: portfolio.name, features: features.length, lines }, null, 2));
  if (lines.some(({ different }) => different > 0)) process.exitCode = 1;
} finally {
  await warehouse.close();
  await rm(scratch, { recursive: true, force: true });
}
