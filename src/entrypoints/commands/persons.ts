import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';
import type { RotateMasterOptions, SealMasterOptions } from '../rotate-master.ts';

export type PersonsOptions = { readonly portfolio: string; readonly as: string; readonly json?: boolean };
export type PersonChangeOptions = PersonsOptions & { readonly reason: string };

const NOTES = `
What an erasure reaches, and when: docs/personal-data.md.

Examples:
  assay persons export C000123 --as compliance > C000123.json
  assay persons erase C000123 --as compliance --reason 'asked for by letter of 3 February'
  assay persons rotate-master --as admin
  assay persons seal-master --as admin --kms-key alias/assay-persons`;

/** `assay persons export|erase|hold|lift|rotate-master|seal-master` */
export const registerPersons: RegisterCommand = (program, context) => {
  const persons = program
    .command('persons')
    .description('the rights of a person over what is kept of them')
    .addHelpText('after', NOTES);
  const at = (usage: string, description: string) =>
    persons
      .command(usage)
      .description(description)
      .requiredOption('--as <user>', 'who does it; must have the role')
      .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
      .option('--json', 'print JSON');
  at('export <borrower>', 'a copy of everything kept of a person, as JSON').action(
    async (borrower: string, options: PersonsOptions) => {
      const { exportPerson } = await import('../persons.ts');
      await exportPerson(context, borrower, options);
    },
  );
  persons
    .command('rotate-master')
    .description('replace the master key that wraps the keys of persons; goes on where a killed run stood')
    .requiredOption('--as <user>', 'who does it; must have the role')
    .option('--grace <seconds>', 'how long running processes may take to see the new key', '10')
    .option('--json', 'print JSON')
    .action(async (options: RotateMasterOptions) => {
      const { rotateMasterKey } = await import('../rotate-master.ts');
      await rotateMasterKey(context, options);
    });
  persons
    .command('seal-master')
    .description('seal the master key by a key in AWS KMS, so that nothing on the disk opens it')
    .requiredOption('--as <user>', 'who does it; must have the role')
    .requiredOption('--kms-key <id>', 'symmetric key in KMS: id, ARN or alias')
    .action(async (options: SealMasterOptions) => {
      const { sealMaster } = await import('../rotate-master.ts');
      await sealMaster(context, options);
    });
  for (const [step, description] of [
    ['erase', 'destroy the key of a person, remove facts, keep them from coming back'],
    ['hold', 'place a legal hold: nothing is erased while it stands'],
    ['lift', 'lift a legal hold that another person placed'],
  ] as const) {
    at(`${step} <borrower>`, description)
      .requiredOption('--reason <text>', 'why, in at least ten characters; kept in the record')
      .action(async (borrower: string, options: PersonChangeOptions) => {
        const { changePerson } = await import('../persons.ts');
        await changePerson(context, { step, borrower }, options);
      });
  }
};
