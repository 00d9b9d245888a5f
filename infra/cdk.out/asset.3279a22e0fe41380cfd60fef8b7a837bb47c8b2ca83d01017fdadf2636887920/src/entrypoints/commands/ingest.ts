import type { CommandContext, RegisterCommand } from '../context.ts';
import { type PortfolioOptions, wholeNumber, withPortfolioOptions } from '../portfolio-options.ts';

export type IngestOptions = PortfolioOptions & {
  readonly source: string;
  readonly rate?: number;
  readonly restart?: boolean;
  readonly json?: boolean;
};

const MAX_RATE = 1_000_000;

/** `assay ingest FILE|- --source NAME`: events or rows into the stream. */
export const registerIngest: RegisterCommand = (program, context) => {
  const command = program
    .command('ingest')
    .argument('<file>', "a portfolio's source file, or JSON lines (.gz too); - reads standard input")
    .description('send events or rows into the stream; what is refused goes to the dead letters with its line')
    .requiredOption('--source <name>', 'a source of the portfolio, plaid, uk-open-banking, fdx, or table:<name>')
    .option('--rate <n>', 'at most so many events a second', (text: string) =>
      wholeNumber(MAX_RATE)(text.replace(/\/s$/, '')),
    )
    .option('--restart', 'send the file from its beginning, not behind the last acknowledged row')
    .option('--json', 'print the result as JSON');
  withPortfolioOptions(command, context).action((file: string, options: IngestOptions) =>
    ingest(context, file, options),
  );
};

async function ingest(context: CommandContext, file: string, options: IngestOptions): Promise<void> {
  const { ingestFile } = await import('../ingest-file.ts');
  await ingestFile(context, file, options);
}
