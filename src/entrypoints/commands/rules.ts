import { type RulesRow, rulesInForce, rulesTable } from '../../domain/index.ts';
import type { CommandContext, RegisterCommand } from '../context.ts';

type RulesOptions = { readonly jurisdiction: string; readonly on?: string; readonly json?: boolean };
type TableOptions = { readonly jurisdiction?: string; readonly on?: string; readonly json?: boolean };

const NOTES = `
Examples:
  assay rules --jurisdiction US-CO --on 2027-01-01
  assay rules table                                       every place, a row for each day on which something changes
  assay rules table --jurisdiction DE,UK --on 2026-11-19,2026-11-20`;

/** `assay rules [show|table]`: the dated rules of a place, as notices and checks use them. */
export const registerRules: RegisterCommand = (program, context) => {
  const rules = program
    .command('rules')
    .description('The dated rules of a place, with source, control and test. Not legal advice.')
    .addHelpText('after', NOTES);
  rules
    .command('show', { isDefault: true })
    .description('the rules of a place on a day')
    .requiredOption('--jurisdiction <place>', 'US, US-CO, DE, UK, EU, EEA …')
    .option('--on <day>', 'YYYY-MM-DD (default: today)')
    .option('--json', 'print JSON')
    .action((options: RulesOptions) => printRules(context, options));
  rules
    .command('table')
    .description('jurisdiction by date: what must be given out, and how long records are kept')
    .option('--jurisdiction <places>', 'places, commas between (default: all with rules of their own)')
    .option('--on <days>', 'days, commas between (default: each day on which something changes)')
    .option('--json', 'print JSON')
    .action((options: TableOptions) => printTable(context, options));
};

function printRules(context: CommandContext, { jurisdiction, on, json }: RulesOptions): void {
  const day = on ?? context.clock.now().toISOString().slice(0, 10);
  const rules = rulesInForce(jurisdiction, day);
  const lines = rules.map(({ id, citation, title, source, from, to }) => {
    const secondary = source === 'secondary' ? ' (secondary source)' : '';
    return `${id.padEnd(28)} ${from ?? '…'} to ${to ?? '…'}  ${citation}${secondary}\n${' '.repeat(29)}${title}`;
  });
  context.print(json ? JSON.stringify({ jurisdiction, on: day, rules }, null, 2) : lines.join('\n'));
}

function printTable(context: CommandContext, { jurisdiction, on, json }: TableOptions): void {
  const rows = rulesTable({ ...(jurisdiction && { places: list(jurisdiction) }), ...(on && { days: list(on) }) });
  context.print(json ? JSON.stringify(rows, null, 2) : rows.map(rowText).join('\n'));
}

const list = (text: string): string[] => text.split(',').map((part) => part.trim());

function rowText({ place, from, rules, gives, kept }: RulesRow): string {
  const indent = ' '.repeat(19);
  return [
    `${place.padEnd(6)} ${(from ?? '…').padEnd(11)} ${rules.map(({ id }) => id).join(', ')}`,
    `${indent}gives: ${gives.join(', ') || '-'}`,
    `${indent}kept: ${kept ? `${kept.months} months, ${kept.source}` : 'no rule here'}`,
  ].join('\n');
}
