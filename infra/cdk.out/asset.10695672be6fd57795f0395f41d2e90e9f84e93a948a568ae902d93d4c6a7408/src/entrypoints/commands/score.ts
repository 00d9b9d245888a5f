import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';

export type ScoreOptions = { readonly portfolio: string; readonly reasons?: boolean; readonly json?: boolean };

const NOTES = `
The file has a header with the names of the columns of the book's loan_applications: borrower_id, the mandatory fields
(GET /api/v1/portfolio lists them under applicationFields) and any of the others; money in minor units. Columns the model
may not see, such as protected attributes, and applied_at are allowed and not read: a score is of now, as over HTTP.
One line a row comes out: pd, score, grade of the champion, or what is wrong with the row. With --json one object a line, as
POST /api/v1/scores answers. Exit code 1 when a row could not be scored.

Examples:
  assay score applications.csv --reasons > scores.csv
  cat applications.csv | assay score - --json`;

/** `assay score`: batch scoring of applications, the same as over HTTP. */
export const registerScore: RegisterCommand = (program, context) => {
  program
    .command('score')
    .description('score the applications of a file with the champion; nothing is stored')
    .argument('<file>', 'delimited text with a header, plain or gzip; - for standard input')
    .option('--portfolio <name>', 'the lending book, a folder of portfolios/', DEFAULT_PORTFOLIO)
    .option('--reasons', 'with the reasons that cost points')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', NOTES)
    .action(async (file: string, options: ScoreOptions) => {
      const { loadConfig } = await import('../../platform/index.ts');
      const { scoreCommand } = await import('../score.ts');
      await scoreCommand(context, loadConfig(context.environment, context.workingDirectory), file, options);
    });
};
