import { createRandom, type Random } from './random.ts';

/** Days are counted from 1970-01-01, months as year * 12 + (month - 1). */

export const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / 86_400_000;
export const monthOf = (year: number, month: number): number => year * 12 + month - 1;
export const firstDayOf = (month: number): number => Date.UTC(Math.floor(month / 12), month % 12, 1) / 86_400_000;
export const daysIn = (month: number): number => firstDayOf(month + 1) - firstDayOf(month);
export const calendarMonthOf = (month: number): number => month % 12;

export function monthOfDay(day: number): number {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const dateTexts = new Map<number, string>();

export function dateText(day: number): string {
  let text = dateTexts.get(day);
  if (text === undefined) {
    text = new Date(day * 86_400_000).toISOString().slice(0, 10);
    dateTexts.set(day, text);
  }
  return text;
}

/** 'YYYY-MM-DD hh:mm:ss' of seconds since 1970-01-01 UTC. */
export function timeText(seconds: number): string {
  const day = Math.floor(seconds / 86_400);
  const rest = seconds - day * 86_400;
  return `${dateText(day)} ${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));
const two = (value: number): string => TWO_DIGITS[value]!;

/** When the simulated bank lends and when its books are read. */
export const FIRST_APPLICATION_MONTH = monthOf(2021, 7);
export const LAST_APPLICATION_MONTH = monthOf(2024, 6);
export const EXTRACT_DAY = dayOf(2024, 12, 31);
export const OUTCOME_WINDOW_MONTHS = 12;

/**
 * Economy at large, in log-odds of default: calm in 2021, a cost-of-living shock that builds through 2022, peaks in
 * early 2023 and fades by half. Applies at the month of application.
 */
export function macroLogOdds(month: number): number {
  const shock = month - monthOf(2023, 2);
  const width = shock < 0 ? 6 : 14;
  const level = Math.exp(-(shock * shock) / (2 * width * width));
  return 0.4 * level + (shock > 0 ? 0.1 * (1 - level) : 0);
}

/** Later cohorts are riskier beyond what any column shows: looser broker standards, month by month. */
export const cohortDriftLogOdds = (month: number): number => 0.008 * (month - FIRST_APPLICATION_MONTH);

export type District = {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly population: number;
  readonly urbanShare: number;
  readonly averageSalaryMinor: number;
  readonly unemploymentRate: number;
  readonly unemploymentRatePrior: number;
  readonly entrepreneursPer1000: number;
  readonly crimesPer1000: number;
  readonly crimesPer1000Prior: number;
  /** Share of inhabitants outside the majority group: what makes the district a proxy. Never written to a file. */
  readonly minorityShare: number;
};

/** As many as Berka has. */
const DISTRICTS = 77;
const REGIONS = ['north', 'east', 'south', 'west', 'centre', 'coast', 'hills', 'capital'] as const;
const DISTRICT_STREAM = 0x0d15;

/**
 * 77 districts. Ranges follow Berka's district table (unemployment 0.4-9.4 %, urban share 34-100 %, 81-167 entrepreneurs and
 * about 18-85 crimes per 1,000, population 43,000-1.2 million); salary is scaled to 2,400 euro on average.
 * The minority share is skewed (most districts near 5 %, a few near 70 %) and moves with unemployment: the planted proxy.
 */
export function createDistricts(seed: number): District[] {
  const random = createRandom(seed, DISTRICT_STREAM);
  return Array.from({ length: DISTRICTS }, (_, i) => createDistrict(i, random));
}

function createDistrict(i: number, random: Random): District {
  const minorityShare = 0.03 + 0.67 * random.uniform() ** 3.5;
  const unemploymentRate = clamp(2.6 + 6.5 * minorityShare + 1.1 * random.normal(), 0.4, 9.4);
  const urbanShare = clamp(62 + 20 * random.normal() + 25 * minorityShare, 34, 100);
  const salary = 2400 * (1 - 0.018 * (unemploymentRate - 3.6)) * (1 + 0.08 * random.normal());
  return {
    id: String(i + 1),
    name: `District ${i + 1}`,
    region: REGIONS[i % REGIONS.length]!,
    population: Math.round(clamp(random.lognormal(11.6, 0.55), 43_000, 1_200_000)),
    urbanShare: round1(urbanShare),
    averageSalaryMinor: Math.round(salary) * 100,
    unemploymentRate: round2(unemploymentRate),
    unemploymentRatePrior: round2(clamp(unemploymentRate - 0.5 + 0.4 * random.normal(), 0.3, 9.4)),
    entrepreneursPer1000: Math.round(clamp(116 + 16 * random.normal(), 81, 167)),
    crimesPer1000: round1(clamp(22 + 0.35 * (urbanShare - 60) + 7 * random.normal(), 8, 85)),
    crimesPer1000Prior: round1(clamp(21 + 0.35 * (urbanShare - 60) + 7 * random.normal(), 8, 85)),
    minorityShare,
  };
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const round1 = (value: number): number => Math.round(value * 10) / 10;
const round2 = (value: number): number => Math.round(value * 100) / 100;
