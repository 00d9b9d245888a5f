import { CALIBRATION, SEASON } from './calibration.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { calendarMonthOf, clamp, daysIn, firstDayOf } from './world.ts';

export type Booking = {
  /** Seconds since 1970-01-01 UTC. */
  readonly occurredAt: number;
  readonly knownAt: number;
  readonly amountMinor: number;
  readonly balanceMinor: number;
  readonly channel: 'cash' | 'transfer' | 'card' | 'internal';
  readonly category: string;
  readonly counterparty: string | null;
};

export type StandingOrder = {
  readonly category: 'rent' | 'utilities' | 'insurance' | 'loan_payment' | 'savings';
  readonly amountMinor: number;
  readonly dayOfMonth: number;
  readonly counterparty: string;
  readonly startedDay: number;
};

type Plan = {
  readonly at: number;
  readonly amountMinor: number;
  readonly channel: Booking['channel'];
  readonly category: string;
  readonly counterparty: string | null;
  /** fixed: due whatever the balance; free: cut down when money is short. */
  readonly kind: 'credit' | 'fixed' | 'free';
};

const DAY_SECONDS = 86_400;

/** One current account, month by month: income, obligations, spending, overdraft and what it costs. */
export class AccountLife {
  readonly person: Person;
  readonly bookings: Booking[] = [];
  readonly standingOrders: StandingOrder[];
  /** Loans of this bank being repaid from the account: instalments due each month. */
  readonly instalments: { amountMinor: number; fromMonth: number; untilMonth: number; dayOfMonth: number }[] = [];
  readonly #random: Random;
  readonly #payday: number;
  #balanceMinor: number;
  #incomeMinor: number;
  /** Months without salary still to come. */
  #joblessMonths = 0;
  #joblessFor = 0;
  #lowestMinor = 0;

  constructor(person: Person, random: Random) {
    this.person = person;
    this.#random = random;
    this.#incomeMinor = person.incomeMinor;
    this.#payday = random.weighted(CALIBRATION.paydays);
    this.#balanceMinor = Math.round(
      person.incomeMinor * (0.25 + random.lognormal(CALIBRATION.bufferLogMean + 0.75 * person.thrift, 0.5)),
    );
    this.standingOrders = drawStandingOrders(person, random);
  }

  /** Lives through one month (year * 12 + month - 1). `unemployment` scales the risk of losing work. */
  month(month: number, unemploymentRate: number): void {
    this.#changeWork(unemploymentRate);
    if (calendarMonthOf(month) === 0) this.#incomeMinor = Math.round(this.#incomeMinor * this.#random.between(1, 1.05));
    const plans = [...this.#income(month), ...this.#obligations(month), ...this.#spending(month)];
    plans.sort((a, b) => a.at - b.at);
    this.#lowestMinor = this.#balanceMinor;
    for (const plan of plans) this.#carryOut(plan);
    this.#closeMonth(month);
  }

  receive(occurredAt: number, amountMinor: number, category: string, counterparty: string): void {
    this.#book(occurredAt, amountMinor, 'internal', category, counterparty);
  }

  #changeWork(unemploymentRate: number): void {
    if (this.#joblessMonths > 0) {
      this.#joblessMonths--;
      this.#joblessFor++;
      return;
    }
    this.#joblessFor = 0;
    const { employmentStatus, stability } = this.person;
    if (employmentStatus !== 'employed' && employmentStatus !== 'self_employed') return;
    const risk = CALIBRATION.jobLossPerMonth * Math.exp(-0.7 * stability) * (unemploymentRate / 4);
    if (this.#random.chance(clamp(risk, 0, 0.05))) this.#joblessMonths = this.#random.integer(2, 8);
  }

  #income(month: number): Plan[] {
    const random = this.#random;
    const { employmentStatus, employer } = this.person;
    const delayed = random.chance(employmentStatus === 'self_employed' ? 0.25 : CALIBRATION.lateSalaryShare);
    const at = this.#at(month, this.#payday + (delayed ? random.integer(1, 9) : 0), 6, 10);
    const plan = (category: string, share: number, noise: number, from: string): Plan => ({
      at,
      amountMinor: Math.round(this.#incomeMinor * share * Math.max(0.2, 1 + noise * random.normal())),
      channel: 'transfer',
      category,
      counterparty: from,
      kind: 'credit',
    });
    if (this.#joblessMonths > 0) return this.#joblessFor >= 1 ? [plan('benefit', 0.5, 0.01, 'Labour office')] : [];
    const plans: Plan[] = [];
    if (employmentStatus === 'retired') plans.push(plan('pension', 1, 0.002, 'Pension office'));
    else if (employmentStatus === 'unemployed') plans.push(plan('benefit', 1, 0.02, 'Labour office'));
    else if (employmentStatus === 'student') plans.push(plan('transfer_in', 1, 0.2, 'Family'));
    else plans.push(plan('salary', 1, employmentStatus === 'self_employed' ? 0.35 : 0.06, employer ?? 'Employer'));
    if (random.chance(0.12))
      plans.push({ ...plan('transfer_in', 0.12, 0.6, 'Friend'), at: this.#at(month, random.integer(1, 28), 8, 21) });
    if (random.chance(0.07)) {
      plans.push({
        ...plan('cash_deposit', 0.15, 0.6, ''),
        at: this.#at(month, random.integer(1, 28), 9, 17),
        channel: 'cash',
        counterparty: null,
      });
    }
    return plans;
  }

  #obligations(month: number): Plan[] {
    const first = firstDayOf(month);
    const due = this.standingOrders.filter((order) => order.startedDay <= first);
    const plans: Plan[] = due.map((order) => ({
      at: this.#at(month, order.dayOfMonth, 1, 4),
      amountMinor: -order.amountMinor,
      channel: 'transfer',
      category: order.category === 'savings' ? 'transfer_out' : order.category,
      counterparty: order.counterparty,
      kind: 'fixed',
    }));
    for (const loan of this.instalments) {
      if (month < loan.fromMonth || month >= loan.untilMonth) continue;
      const at = this.#at(month, loan.dayOfMonth, 1, 4);
      plans.push({
        at,
        amountMinor: -loan.amountMinor,
        channel: 'internal',
        category: 'loan_payment',
        counterparty: 'This bank',
        kind: 'fixed',
      });
    }
    return plans;
  }

  #spending(month: number): Plan[] {
    const random = this.#random;
    const { person } = this;
    const season = SEASON[calendarMonthOf(month)]!;
    const fixedMinor = this.standingOrders.reduce((sum, order) => sum + order.amountMinor, 0);
    const appetite = clamp(0.93 - 0.07 * person.thrift, 0.7, 1.2) * season;
    const budgetMinor = Math.max(0.18 * this.#incomeMinor, appetite * this.#incomeMinor - fixedMinor);
    const plans: Plan[] = [];
    for (const { category, share, count, channel, counterparties } of CALIBRATION.spending) {
      for (let n = random.poisson(count); n > 0; n--) {
        const amount = (budgetMinor * share * random.lognormal(-0.08, 0.4)) / count;
        const shop = counterparties === 0 ? null : `${category} ${random.integer(1, counterparties)}`;
        plans.push({
          at: this.#at(month, random.integer(1, daysIn(month)), 8, 22),
          amountMinor: -Math.round(amount),
          channel,
          category,
          counterparty: shop,
          kind: 'free',
        });
      }
    }
    if (person.gambles) {
      for (let n = random.poisson(1.6); n > 0; n--) {
        const amount = this.#incomeMinor * 0.03 * random.lognormal(0, 0.7);
        plans.push({
          at: this.#at(month, random.integer(1, daysIn(month)), 18, 23),
          amountMinor: -Math.round(amount),
          channel: 'card',
          category: 'gambling',
          counterparty: `gambling ${random.integer(1, 9)}`,
          kind: 'free',
        });
      }
    }
    return plans;
  }

  #at(month: number, day: number, fromHour: number, untilHour: number): number {
    const within = Math.min(day, daysIn(month)) - 1;
    return (firstDayOf(month) + within) * DAY_SECONDS + this.#random.integer(fromHour * 3600, untilHour * 3600);
  }

  #carryOut(plan: Plan): void {
    const limit = this.person.overdraftLimitMinor;
    const after = this.#balanceMinor + plan.amountMinor;
    if (plan.kind === 'free' && after < 0) {
      // The thrifty stop at zero; others go on into the overdraft, never far beyond its limit.
      const stops = this.#random.chance(clamp(0.72 + 0.2 * this.person.thrift, 0.1, 0.98));
      if (stops || after < -1.05 * limit) return;
    }
    if (plan.kind === 'fixed' && after < -1.3 * limit - 0.1 * this.#incomeMinor) return; // returned unpaid
    this.#book(plan.at, plan.amountMinor, plan.channel, plan.category, plan.counterparty);
  }

  #closeMonth(month: number): void {
    const at = (firstDayOf(month + 1) - 1) * DAY_SECONDS + 86_000;
    const overdrawn = -this.#lowestMinor;
    const limit = this.person.overdraftLimitMinor;
    if (overdrawn > limit) {
      const interest = Math.max(50, Math.round(overdrawn * 0.012));
      this.#book(at, -interest, 'internal', 'sanction_interest', null);
    } else if (overdrawn > 0) this.#book(at, -500, 'internal', 'overdraft_fee', null);
    if (calendarMonthOf(month) % 3 !== 2) return;
    this.#book(at + 60, -600, 'internal', 'statement_fee', null);
    if (this.#balanceMinor > 100_000)
      this.#book(at + 120, Math.round(this.#balanceMinor * 0.002), 'internal', 'interest', null);
  }

  #book(
    occurredAt: number,
    amountMinor: number,
    channel: Booking['channel'],
    category: string,
    counterparty: string | null,
  ): void {
    if (amountMinor === 0) return;
    this.#balanceMinor += amountMinor;
    this.#lowestMinor = Math.min(this.#lowestMinor, this.#balanceMinor);
    const knownAt = occurredAt + this.#bookingDelay();
    this.bookings.push({
      occurredAt,
      knownAt,
      amountMinor,
      balanceMinor: this.#balanceMinor,
      channel,
      category,
      counterparty,
    });
  }

  /** Most bookings are known within two hours, a few come days or weeks late. */
  #bookingDelay(): number {
    const draw = this.#random.uniform();
    if (draw < CALIBRATION.veryLateShare) return this.#random.integer(10, 40) * DAY_SECONDS;
    if (draw < CALIBRATION.lateShare) return this.#random.integer(1, 5) * DAY_SECONDS;
    return Math.floor(draw * 7200);
  }
}

function drawStandingOrders(person: Person, random: Random): StandingOrder[] {
  const { incomeMinor, housing, thrift } = person;
  const orders: StandingOrder[] = [];
  const add = (category: StandingOrder['category'], share: number, counterparty: string): void => {
    orders.push({
      category,
      amountMinor: Math.max(500, Math.round(incomeMinor * share)),
      dayOfMonth: random.integer(2, 14),
      counterparty,
      startedDay: Math.round(person.accountOpenedDay + random.between(5, 60)),
    });
  };
  if (housing === 'tenant' || housing === 'mortgage')
    add('rent', random.between(0.2, 0.36), `Housing ${random.integer(1, 300)}`);
  if (random.chance(0.62)) add('utilities', random.between(0.04, 0.1), `Utility ${random.integer(1, 12)}`);
  if (random.chance(0.24)) add('insurance', random.between(0.01, 0.05), `Insurer ${random.integer(1, 15)}`);
  if (random.chance(clamp(0.2 - 0.05 * thrift, 0.03, 0.45)))
    add('loan_payment', random.between(0.04, 0.18), `Lender ${random.integer(1, 20)}`);
  if (random.chance(clamp(0.12 + 0.07 * thrift, 0.01, 0.5))) add('savings', random.between(0.03, 0.1), 'Savings bank');
  return orders;
}
