import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { CommandContext, RegisterCommand } from '../context.ts';
import { type PortfolioOptions, withPortfolioOptions } from '../portfolio-options.ts';

export type ModelsOptions = { readonly portfolio: string; readonly json?: boolean };
export type ChangeOptions = ModelsOptions & { readonly as: string; readonly note: string };
export type EvidenceOptions = PortfolioOptions & { readonly as: string; readonly json?: boolean };
export type ExportCommandOptions = ModelsOptions & {
  readonly format: 'xgboost' | 'json' | 'sql' | 'pmml' | 'spark';
  readonly table?: string;
  readonly output?: string;
};

const NOTES = `
Approving and rejecting are the validator's, promoting and going back the portfolio manager's; nobody approves what they made.

Examples:
  assay models list
  assay models approve simulated-bank-scorecard-0123456789ab --as validator --note 'validation report 12'
  assay models export simulated-bank-scorecard-0123456789ab --format sql --table features > scorecard.sql
  assay models export simulated-bank-boosted-0123456789ab --format spark --output boosted
  spark-submit python/spark/score.py --artifact boosted --features features.parquet --output scores`;

/** `assay models list|show|approve|reject|promote|rollback|evidence|export` */
export const registerModels: RegisterCommand = (program, context) => {
  const models = program
    .command('models')
    .description('the model versions of a lending book')
    .addHelpText('after', NOTES);
  const { at, change } = commandsOf(models, context);
  at('list', 'every version, newest first').action(async (options: ModelsOptions) => {
    await (await actions()).listModels(context, await config(context), options);
  });
  at('show <version>', 'what a version is, how good it is, and its history').action(
    async (version: string, options: ModelsOptions) => {
      await (await actions()).showModel(context, await config(context), version, options);
    },
  );
  change('approve <version>', 'approve a candidate').action(async (version: string, options: ChangeOptions) => {
    await (await actions()).approveModel(context, await config(context), version, options);
  });
  change('reject <version>', 'turn down a version that was never in use').action(
    async (version: string, options: ChangeOptions) => {
      await (await actions()).rejectModel(context, await config(context), version, options);
    },
  );
  change('promote <version>', 'make an approved or retired version the champion').action(
    async (version: string, options: ChangeOptions) => {
      await (await actions()).promoteModel(context, await config(context), version, options);
    },
  );
  change('rollback', 'make the champion before this one the champion again').action(async (options: ChangeOptions) => {
    await (await actions()).rollbackModel(context, await config(context), options);
  });
  withPortfolioOptions(
    models
      .command('evidence <version>')
      .description('measure what a version gains by data that must be proven, beside the same estimator without it')
      .requiredOption('--as <user>', 'who does it; must be allowed to train')
      .option('--json', 'print JSON'),
    context,
  ).action(async (version: string, options: EvidenceOptions) => {
    await (await actions()).findEvidence(context, await config(context), version, options);
  });
  at('export <version>', 'write a version in a format that others read')
    .addOption(
      new Option(
        '--format <format>',
        'xgboost: tree models; sql: scorecard, logistic; pmml: scorecard; json: all; spark: all, a folder for python/spark/score.py',
      )
        .choices(['xgboost', 'json', 'sql', 'pmml', 'spark'])
        .makeOptionMandatory(),
    )
    .option('--table <name>', 'with sql: the table of feature values', tableName)
    .option('--output <file>', 'default: standard output; with spark: the folder to write', (path) =>
      resolve(context.workingDirectory, path),
    )
    .action(async (version: string, options: ExportCommandOptions) => {
      await (await actions()).exportModelCommand(context, await config(context), version, options);
    });
};

const actions = () => import('../models.ts');

async function config(context: CommandContext) {
  return (await import('../../platform/index.ts')).loadConfig(context.environment, context.workingDirectory);
}

function commandsOf(models: Command, _context: CommandContext) {
  const at = (usage: string, description: string): Command =>
    models
      .command(usage)
      .description(description)
      .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
      .option('--json', 'print JSON');
  const change = (usage: string, description: string): Command =>
    at(usage, description)
      .requiredOption('--as <user>', 'who does it; must have the role')
      .requiredOption('--note <text>', 'why; kept in the record', noteText);
  return { at, change };
}

const MAX_NOTE_CHARS = 2000;

function noteText(text: string): string {
  if (text.trim() !== '' && text.length <= MAX_NOTE_CHARS) return text;
  throw new InvalidArgumentError(`It has 1 to ${MAX_NOTE_CHARS} characters.`);
}

function tableName(text: string): string {
  if (/^(\w+|"[^"]+")(\.(\w+|"[^"]+"))*$/.test(text)) return text;
  throw new InvalidArgumentError(
    'It is a name of a table, with its schema where it has one: features, risk."Features 2026".',
  );
}
