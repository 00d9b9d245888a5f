import type { AccountLife } from './account-life.ts';
import { money } from './export-file.ts';
import type { BankFiles } from './generate-bank.ts';
import { outcomeOf, performanceOf, type SimulatedApplication } from './lending.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { type District, dateText, timeText } from './world.ts';

type BankFile = {
  readonly file: string;
  readonly header: readonly string[] /** True: never spoiled. */;
  readonly clean: boolean;
};

/** The files of the export, with the names the core-banking system gives its columns. */
export const BANK_FILES = {
  districts: {
    file: 'districts.csv.gz',
    header: [
      'district_no',
      'name',
      'region',
      'population',
      'urban_pct',
      'average_salary',
      'unemployment_pct',
      'unemployment_pct_prior',
      'entrepreneurs_per_1000',
      'crimes_per_1000',
      'crimes_per_1000_prior',
      'published_on',
    ],
    clean: true,
  },
  borrowers: {
    file: 'borrowers.csv.gz',
    header: [
      'customer_no',
      'birth_date',
      'sex',
      'ethnic_group',
      'marital_status',
      'dependents',
      'education',
      'employment_status',
      'employed_since',
      'housing',
      'resident_since',
      'district_no',
      'net_income',
      'recorded_at',
    ],
    clean: false,
  },
  accounts: {
    file: 'accounts.csv.gz',
    header: ['account_no', 'customer_no', 'opened_on', 'district_no', 'statement', 'overdraft_limit'],
    clean: false,
  },
  standingOrders: {
    file: 'standing_orders.csv.gz',
    header: ['order_no', 'account_no', 'customer_no', 'amount', 'category', 'payee', 'started_on'],
    clean: false,
  },
  cards: {
    file: 'cards.csv.gz',
    header: ['card_no', 'account_no', 'customer_no', 'card_type', 'issued_on'],
    clean: false,
  },
  applications: {
    file: 'loan_applications.csv.gz',
    header: [
      'application_no',
      'customer_no',
      'applied_at',
      'amount',
      'term_months',
      'instalment',
      'purpose',
      'channel',
      'declared_income',
      'employer',
      'email',
      'phone',
      'address',
      'device_id',
      'incumbent_score',
      'incumbent_outcome',
    ],
    clean: false,
  },
  loans: {
    file: 'loans.csv.gz',
    header: [
      'loan_no',
      'application_no',
      'customer_no',
      'granted_on',
      'amount',
      'term_months',
      'instalment',
      'annual_rate',
    ],
    clean: false,
  },
  performance: {
    file: 'loan_performance.csv.gz',
    header: ['loan_no', 'customer_no', 'month_end', 'months_on_book', 'days_past_due', 'balance', 'paid'],
    clean: false,
  },
  outcomes: { file: 'outcomes.csv.gz', header: ['application_no', 'defaulted', 'status', 'observed_on'], clean: false },
  truth: { file: 'simulation_truth.csv.gz', header: ['application_no', 'true_pd', 'would_default'], clean: true },
  transactions: {
    file: 'transactions.csv.gz',
    header: [
      'booking_no',
      'account_no',
      'customer_no',
      'booked_at',
      'known_at',
      'amount',
      'balance',
      'channel',
      'category',
      'counterparty',
    ],
    clean: false,
  },
} as const satisfies Record<string, BankFile>;

const DISTRICTS_PUBLISHED = '2020-06-30';
const customerOf = (person: Person): string => `C${person.number}`;
const accountOf = (person: Person): string => `K${person.number}`;

export function writeDistrict(files: BankFiles, district: District): void {
  const { id, name, region, population, urbanShare, averageSalaryMinor } = district;
  files.districts.add([
    id,
    name,
    region,
    population,
    urbanShare,
    money(averageSalaryMinor),
    district.unemploymentRate,
    district.unemploymentRatePrior,
    district.entrepreneursPer1000,
    district.crimesPer1000,
    district.crimesPer1000Prior,
    DISTRICTS_PUBLISHED,
  ]);
}

export function writeBorrower(files: BankFiles, person: Person, life: AccountLife, random: Random): void {
  writePerson(files, person, random);
  const customer = customerOf(person);
  const account = accountOf(person);
  const limit = person.overdraftLimitMinor > 0 ? money(person.overdraftLimitMinor) : '';
  files.accounts.add([
    account,
    customer,
    dateText(person.accountOpenedDay),
    person.district.id,
    random.chance(0.93) ? 'monthly' : 'quarterly',
    limit,
  ]);
  for (const [i, order] of life.standingOrders.entries()) {
    files.standingOrders.add([
      `S${person.number}-${i + 1}`,
      account,
      customer,
      money(order.amountMinor),
      order.category,
      order.counterparty,
      dateText(order.startedDay),
    ]);
  }
  if (random.chance(0.75)) {
    const type = random.weighted([
      ['classic', 0.74],
      ['junior', 0.1],
      ['gold', 0.16],
    ]);
    files.cards.add([
      `D${person.number}`,
      account,
      customer,
      type,
      dateText(person.accountOpenedDay + random.integer(5, 60)),
    ]);
  }
  for (const [i, booking] of life.bookings.entries()) {
    files.transactions.add([
      `B${person.number}-${i + 1}`,
      account,
      customer,
      timeText(booking.occurredAt),
      timeText(booking.knownAt),
      money(booking.amountMinor),
      money(booking.balanceMinor),
      booking.channel,
      booking.category,
      booking.counterparty,
    ]);
  }
}

/** The master record as last brought up to date, some weeks before the first application; with holes, not all at random. */
function writePerson(files: BankFiles, person: Person, random: Random): void {
  const recordedDay = person.applicationDays[0]! - random.integer(3, 55);
  const averageMinor = person.district.averageSalaryMinor;
  // Not at random: those who earn little or by themselves say so less often.
  const hidesIncome = random.chance(
    0.05 +
      (person.incomeMinor < 0.7 * averageMinor ? 0.16 : 0) +
      (person.employmentStatus === 'self_employed' ? 0.12 : 0),
  );
  // At random given what is seen: tenants and students leave more empty.
  const sparse = person.housing === 'with_parents' || person.employmentStatus === 'student' ? 0.16 : 0.04;
  const stated = Math.round(person.incomeMinor / 5000) * 5000;
  files.borrowers.add([
    customerOf(person),
    dateText(person.birthDay),
    person.sex,
    person.ethnicGroup,
    person.maritalStatus,
    random.chance(sparse) ? '' : person.dependents,
    random.chance(0.05) ? '' : person.education,
    person.employmentStatus,
    person.employer === null ? '' : dateText(person.employedSinceDay),
    random.chance(sparse) ? '' : person.housing,
    random.chance(sparse) ? '' : dateText(person.residentSinceDay),
    person.district.id,
    hidesIncome ? '' : money(stated),
    timeText(recordedDay * 86_400 + 43_200),
  ]);
}

export function writeLending(
  files: BankFiles,
  person: Person,
  application: SimulatedApplication,
  random: Random,
): void {
  const customer = customerOf(person);
  const { id, amountMinor, instalmentMinor, termMonths } = application;
  files.applications.add([
    id,
    customer,
    timeText(application.appliedAt),
    money(amountMinor),
    termMonths,
    money(instalmentMinor),
    application.purpose,
    application.channel,
    money(application.declaredIncomeMinor),
    person.employer,
    ...contactOf(person, random),
    application.incumbentScore,
    application.granted ? 'approved' : 'declined',
  ]);
  const outcome = outcomeOf(application);
  files.outcomes.add([
    id,
    outcome.defaulted,
    outcome.status,
    outcome.observedDay === null ? '' : dateText(outcome.observedDay),
  ]);
  files.truth.add([id, application.truePd.toFixed(6), application.wouldDefault ? 1 : 0]);
  if (!application.granted) return;
  const loan = `L${id.slice(1)}`;
  const grantedDay = Math.floor(application.appliedAt / 86_400) + random.integer(1, 4);
  files.loans.add([
    loan,
    id,
    customer,
    dateText(grantedDay),
    money(amountMinor),
    termMonths,
    money(instalmentMinor),
    application.annualRate,
  ]);
  for (const state of performanceOf(application)) {
    files.performance.add([
      loan,
      customer,
      dateText(state.day),
      state.monthOnBook,
      state.daysPastDue,
      money(state.balanceMinor),
      money(state.paidMinor),
    ]);
  }
}

const STREETS = ['Oak', 'Mill', 'Station', 'Church', 'River', 'Hill', 'Market', 'Garden'] as const;

/** Contact data of an application; example.com and numbers that nobody has. */
function contactOf(person: Person, random: Random): string[] {
  const address = `${STREETS[person.number % STREETS.length]} Street ${1 + (person.number % 180)} District ${person.district.id}`;
  const device = random.chance(0.9) ? `device-${person.number}` : `device-${person.number}-${random.integer(2, 9)}`;
  return [`customer${person.number}@example.com`, `+000${String(100_000_000 + person.number)}`, address, device];
}
