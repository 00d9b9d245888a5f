import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';
import { wholeNumber } from '../portfolio-options.ts';

export type FeaturesOptions = { readonly portfolio: string; readonly json?: boolean };
export type GetOptions = FeaturesOptions & {
  readonly asOf?: string;
  readonly over: number;
  readonly points: number;
  readonly feature?: readonly string[];
};
export type SqlCommandOptions = FeaturesOptions & {
  readonly dialect: 'duckdb' | 'spark';
  readonly feature?: readonly string[];
};
export type ParityCommandOptions = FeaturesOptions & {
  readonly spark?: boolean;
  readonly sample?: number;
  readonly decisions?: boolean;
};

const MAX_OVER_DAYS = 3_660;
const MAX_POINTS = 100;
const MAX_SAMPLE = 100_000_000;

const NOTES = `
Examples:
  assay features list
  assay features get B00001 --as-of 2023-05-01
  assay features get B00001 --over 365 --feature income_90d --json
  assay features sql --dialect duckdb --feature income_90d > features.sql && duckdb < features.sql
  assay features parity --sample 1000
  assay features parity --decisions
  ASSAY_SPARK_PYTHON=.venv/bin/python assay features parity --spark`;

/** `assay features build|get|list|sql|parity` */
export const registerFeatures: RegisterCommand = (program, context) => {
  const features = program
    .command('features')
    .description('the features of a lending book: build them, look at one borrower, hold batch against online')
    .addHelpText('after', NOTES);
  command(features, 'build', 'compute the catalog for every loan application of the lake').action(
    async (options: FeaturesOptions) => (await load()).buildBookFeatures(context, options),
  );
  command(features, 'list', 'the catalog: data class, formula, and the columns each feature comes from').action(
    async (options: FeaturesOptions) => (await load()).listFeatures(context, options),
  );
  command(features, 'get <borrower>', 'features of a borrower as known before a time, from the online store')
    .option(
      '--as-of <time>',
      'YYYY-MM-DD or YYYY-MM-DDThh:mm:ss[.ffffff], UTC; default: as the next decision would see them',
    )
    .option('--over <days>', 'from so many days before, in equal steps', upTo(MAX_OVER_DAYS), 0)
    .option('--points <n>', 'steps of --over, both ends counted', pointCount, 13)
    .option('--feature <name...>', 'only these features')
    .action(async (borrower: string, options: GetOptions) => (await load()).getFeatures(context, borrower, options));
  command(features, 'sql', 'the catalog as a SQL script over the files of this lake, to read and to run')
    .addOption(new Option('--dialect <name>', 'the engine it is for').choices(['duckdb', 'spark']).default('duckdb'))
    .option('--feature <name...>', 'only these features, and those they are derived from')
    .action(async (options: SqlCommandOptions) => (await load()).printFeatureSql(context, options));
  command(
    features,
    'parity',
    'replay loan applications online and compare every cell with batch; exit code 1 on a difference',
  )
    .option('--sample <n>', 'only so many applications, spread over the book', wholeNumber(MAX_SAMPLE))
    .option(
      '--decisions',
      'instead, compare what logged decisions were made from with batch, each as of its own instant',
    )
    .option('--spark', 'compare Spark with batch too (ASSAY_SPARK_PYTHON names a Python with pyspark)')
    .action(async (options: ParityCommandOptions) =>
      options.decisions
        ? (await load()).checkDecisionParity(context, options)
        : (await load()).checkParity(context, options),
    );
};

const load = () => import('../features.ts');

function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--portfolio <name>', 'the lending book, a folder of portfolios/', DEFAULT_PORTFOLIO)
    .option('--json', 'print JSON');
}

function upTo(max: number): (text: string) => number {
  return (text) => (text === '0' ? 0 : wholeNumber(max)(text));
}

function pointCount(text: string): number {
  const count = wholeNumber(MAX_POINTS)(text);
  if (count >= 2) return count;
  throw new InvalidArgumentError(`expected a whole number from 2 to ${MAX_POINTS}`);
}
