import { rulesInForce } from '../../domain/index.ts';
import type { RegisterCommand } from '../context.ts';

type RulesOptions = { readonly jurisdiction: string; readonly on?: string; readonly json?: boolean };

/** `assay rules`: the dated rules of a place, as notices and checks use them. */
export const registerRules: RegisterCommand = (program, context) => {
  program
    .command('rules')
    .description('The rules of a place on a day, with source, control and test. Not legal advice.')
    .requiredOption('--jurisdiction <place>', 'US, US-CO, DE, UK, EU, EEA …')
    .option('--on <day>', 'YYYY-MM-DD (default: today)')
    .option('--json', 'print JSON')
    .action(({ jurisdiction, on, json }: RulesOptions) => {
      const day = on ?? context.clock.now().toISOString().slice(0, 10);
      const rules = rulesInForce(jurisdiction, day);
      if (json) return context.print(JSON.stringify({ jurisdiction, on: day, rules }, null, 2));
      for (const { id, citation, title, source, from, to } of rules) {
        const secondary = source === 'secondary' ? ' (secondary source)' : '';
        context.print(
          `${id.padEnd(28)} ${from ?? '…'} to ${to ?? '…'}  ${citation}${secondary}\n${' '.repeat(29)}${title}`,
        );
      }
    });
};
