import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError, type GenerateOptions } from '../../domain/index.ts';
import { AccountLife } from './account-life.ts';
import { ExportFile } from './export-file.ts';
import { apply, type SimulatedApplication } from './lending.ts';
import { createPerson, type Person } from './person.ts';
import { createRandom, type Random } from './random.ts';
import { BANK_FILES, writeBorrower, writeDistrict, writeLending } from './records.ts';
import { createDistricts, type District, monthOfDay } from './world.ts';

export type BankOptions = GenerateOptions & {
  /** Share of rows that come out damaged or twice; default 0.001. */
  readonly faultRate?: number;
};

const DEFAULT_FAULT_RATE = 0.001;
/** Months of transactions exported before the first application and after the last. */
const MONTHS_BEFORE = 13;
const MONTHS_AFTER = 2;
const MAX_BORROWERS = 5_000_000;
const PROGRESS_EVERY = 100;

export type BankFiles = { readonly [Name in keyof typeof BANK_FILES]: ExportFile };

/**
 * Writes the source files of a simulated bank into `directory`: what a core-banking system exports, plus
 * `simulation_truth.csv.gz`, the pd every application was drawn with. The same options give the same bytes; a larger
 * bank starts with the same borrowers. About 100 transactions a borrower.
 * @throws AssayError bad_input for a number of borrowers out of range; cancelled
 * @example await generateBank({ directory: 'sources/simulated-bank', seed: 7, borrowers: 10_000 });
 */
export async function generateBank(options: BankOptions): Promise<void> {
  const { borrowers, seed, onProgress, signal } = options;
  if (!Number.isSafeInteger(borrowers) || borrowers < 1 || borrowers > MAX_BORROWERS) {
    throw new AssayError('bad_input', {
      what: 'not a number of borrowers',
      given: String(borrowers),
      allowed: `1 to ${MAX_BORROWERS}`,
    });
  }
  const files = await openFiles(options);
  try {
    const districts = createDistricts(seed);
    for (const district of districts) writeDistrict(files, district);
    for (let number = 1; number <= borrowers; number++) {
      if (signal?.aborted) throw new AssayError('cancelled', { what: 'simulating the bank was cancelled' });
      simulateBorrower(number, seed, districts, files);
      if (number % PROGRESS_EVERY !== 0 && number !== borrowers) continue;
      for (const file of Object.values(files)) await file.flushWhenFull();
      onProgress?.(number, borrowers);
    }
  } finally {
    for (const file of Object.values(files)) await file.close();
  }
}

async function openFiles({ directory, faultRate = DEFAULT_FAULT_RATE, seed }: BankOptions): Promise<BankFiles> {
  await mkdir(directory, { recursive: true });
  const open = (name: keyof typeof BANK_FILES, stream: number): ExportFile => {
    const { file, header, clean } = BANK_FILES[name];
    return new ExportFile(join(directory, file), header, createRandom(seed, -1 - stream), clean ? 0 : faultRate);
  };
  return {
    districts: open('districts', 1),
    borrowers: open('borrowers', 2),
    accounts: open('accounts', 3),
    standingOrders: open('standingOrders', 4),
    cards: open('cards', 5),
    applications: open('applications', 6),
    loans: open('loans', 7),
    performance: open('performance', 8),
    outcomes: open('outcomes', 9),
    truth: open('truth', 10),
    transactions: open('transactions', 11),
  };
}

function simulateBorrower(number: number, seed: number, districts: readonly District[], files: BankFiles): void {
  const random = createRandom(seed, number);
  const person = createPerson(number, districts, random);
  const life = new AccountLife(person, random);
  const applications = live(person, life, random);
  writeBorrower(files, person, life, random);
  for (const application of applications) writeLending(files, person, application, random);
}

/** Lives from a year before the first application to some months after the last, applying on the way. */
function live(person: Person, life: AccountLife, random: Random): SimulatedApplication[] {
  const applications: SimulatedApplication[] = [];
  const days = [...person.applicationDays];
  const firstMonth = monthOfDay(days[0]!);
  let lastMonth = monthOfDay(days[days.length - 1]!) + MONTHS_AFTER;
  const opened = monthOfDay(person.accountOpenedDay) + 1;
  for (let month = Math.max(opened, firstMonth - MONTHS_BEFORE); month <= lastMonth; month++) {
    life.month(month, person.district.unemploymentRate);
    if (days.length === 0 || monthOfDay(days[0]!) !== month) continue;
    const application = apply(life, `A${person.number}-${applications.length + 1}`, days.shift()!, random);
    applications.push(application);
    if (application.granted) payOut(life, application, random);
    // Who defaults on a first loan does not come back for a second.
    if (application.granted && application.wouldDefault) {
      days.length = 0;
      lastMonth = month + MONTHS_AFTER;
    }
  }
  return applications;
}

function payOut(life: AccountLife, application: SimulatedApplication, random: Random): void {
  const { defaultMonth, instalmentMinor, month, prepaidMonth, termMonths } = application;
  const lasts = defaultMonth === null ? (prepaidMonth ?? termMonths) : defaultMonth - 3;
  life.instalments.push({
    amountMinor: instalmentMinor,
    fromMonth: month + 1,
    untilMonth: month + 1 + lasts,
    dayOfMonth: random.integer(1, 12),
  });
}
