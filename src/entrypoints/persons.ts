import { parseWith, personReasonSchema, userWhoMay } from '../api/index.ts';
import type { Erasure, PersonStatus, PersonStore } from '../decisions/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type { PersonChangeOptions, PersonsOptions } from './commands/persons.ts';
import type { CommandContext } from './context.ts';
import { openPersons } from './server/index.ts';

const OPERATIONS = { export: 'exportPerson', erase: 'erasePerson', hold: 'holdPerson', lift: 'liftHold' } as const;
type Step = keyof typeof OPERATIONS;

/** The persons of a book for one step, by a user whose role it is. @throws AssayError forbidden, not_found for an unknown user */
function withPersons(
  context: CommandContext,
  { portfolio, as }: PersonsOptions,
  { step, work }: { step: Step; work: (persons: PersonStore, actor: string) => Promise<void> },
): Promise<void> {
  return withBookDecisions(context, portfolio, async (decisions, { config, database }) => {
    const { username } = await userWhoMay(database, as, OPERATIONS[step]);
    await work(openPersons({ home: config.home, database, clock: context.clock }, decisions), username);
  });
}

export function exportPerson(context: CommandContext, borrowerId: string, options: PersonsOptions): Promise<void> {
  const work = async (persons: PersonStore, actor: string): Promise<void> => {
    context.print(JSON.stringify(await persons.export(borrowerId, actor), null, 2));
  };
  return withPersons(context, options, { step: 'export', work });
}

export function changePerson(
  context: CommandContext,
  { step, borrower }: { readonly step: 'erase' | 'hold' | 'lift'; readonly borrower: string },
  options: PersonChangeOptions,
): Promise<void> {
  const { reason } = parseWith(personReasonSchema, { reason: options.reason }, 'reason');
  const work = async (persons: PersonStore, actor: string): Promise<void> => {
    if (step === 'erase') {
      const erasure = await persons.erase(borrower, actor, reason);
      return context.print(options.json ? JSON.stringify(erasure, null, 2) : erasureText(erasure));
    }
    const status = await (step === 'hold'
      ? persons.placeHold(borrower, actor, reason)
      : persons.liftHold(borrower, actor, reason));
    context.print(options.json ? JSON.stringify(status, null, 2) : holdText(status));
  };
  return withPersons(context, options, { step, work });
}

function erasureText({ person, decisions, facts, deadLetters, pending }: Erasure): string {
  const done = `${person} erased: ${decisions} decisions, ${facts} facts, ${deadLetters} refused events`;
  return [done, ...pending.map(({ where, until }) => `  pending until ${until}: ${where}`)].join('\n');
}

function holdText({ person, hold }: PersonStatus): string {
  if (!hold) return `${person}: no legal hold`;
  return `${person}: legal hold since ${hold.placedAt.toISOString().slice(0, 10)} by ${hold.placedBy}`;
}
