import type { Command } from 'commander';
import type { DeadLetter } from '../../ingestion/index.ts';
import type { CommandContext, RegisterCommand } from '../context.ts';
import { type PortfolioOptions, wholeNumber, withPortfolioOptions } from '../portfolio-options.ts';
import type { EventBook } from '../stream-worker/index.ts';

type ListOptions = PortfolioOptions & {
  readonly all?: boolean;
  readonly source?: string;
  readonly limit: number;
  readonly json?: boolean;
};
type RedriveOptions = PortfolioOptions & { readonly id?: readonly string[]; readonly json?: boolean };

const MAX_LISTED = 10_000;
const DEFAULT_LISTED = 50;
const MAX_SHOWN_CHARS = 100;

/** `assay deadletters list|redrive`: events that were refused, and another try for them. */
export const registerDeadLetters: RegisterCommand = (program, context) => {
  const letters = program.command('deadletters').description('events that were refused, with the reason');
  command(letters, context, 'list', 'those that wait, newest first')
    .option('--all', 'also those that were redriven')
    .option('--source <name>', 'of one source')
    .option('--limit <n>', 'at most so many', wholeNumber(MAX_LISTED), DEFAULT_LISTED)
    .action((options: ListOptions) => withBook(context, options, (book) => list(context, book, options)));
  command(letters, context, 'redrive', 'try those that wait again; each is applied once')
    .option('--id <id...>', 'only these')
    .action((options: RedriveOptions) => withBook(context, options, (book) => redrive(context, book, options)));
};

function command(parent: Command, context: CommandContext, name: string, description: string): Command {
  return withPortfolioOptions(parent.command(name).description(description).option('--json', 'print JSON'), context);
}

async function withBook(
  context: CommandContext,
  options: PortfolioOptions,
  work: (book: EventBook) => Promise<void>,
): Promise<void> {
  const { loadConfig } = await import('../../platform/index.ts');
  const { openEventBook } = await import('../stream-worker/index.ts');
  const config = loadConfig(context.environment, context.workingDirectory);
  const book = await openEventBook({ config, portfolio: options.portfolio, clock: context.clock });
  try {
    await work(book);
  } finally {
    await book.close();
  }
}

async function list(context: CommandContext, { events, database }: EventBook, options: ListOptions): Promise<void> {
  const status = options.all ? undefined : 'waiting';
  const query = { status, source: options.source, limit: options.limit, offset: 0 } as const;
  const { rows, total } = await events.letters.list(database, query);
  if (options.json) return context.print(JSON.stringify({ rows, total }, null, 2));
  for (const letter of rows) context.print(lineOf(letter));
  context.print(`${rows.length} of ${total} dead letters`);
}

function lineOf(letter: DeadLetter): string {
  const { deadLetterId, lastAt, source, field, reason, place, times, original } = letter;
  return [
    `${deadLetterId}  ${lastAt.toISOString()}  ${source}${place === null ? '' : `  ${place}`}${times > 1 ? `  ${times} times` : ''}`,
    `  ${field === null ? '' : `${field}: `}${reason}`,
    `  ${JSON.stringify(original.slice(0, MAX_SHOWN_CHARS))}`,
  ].join('\n');
}

async function redrive(context: CommandContext, { events }: EventBook, options: RedriveOptions): Promise<void> {
  const result = await events.redrive(options.id);
  const { accepted, duplicates, refused } = result;
  if (options.json) return context.print(JSON.stringify(result));
  context.print(`${accepted} taken, ${duplicates} had been taken before, ${refused} still refused`);
}
