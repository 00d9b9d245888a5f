import type { FeatureDefinition, ReasonText } from '../../domain/index.ts';
import { aggregate, categorical, daysBefore, derived, feature, lookup, numeric, ratio, subtract } from './builders.ts';

const EMPLOYMENT: ReasonText = { code: 'EMP1', text: 'Time in present employment too short, or employment status' };
const RESIDENCE: ReasonText = { code: 'RES1', text: 'Time at present address too short, or housing situation' };
const DEPENDENTS: ReasonText = { code: 'DEP1', text: 'Number of dependents for the income' };
const ACCOUNT: ReasonText = { code: 'HIS1', text: 'Too little account history or activity' };
const CARDS: ReasonText = { code: 'CRD1', text: 'Cards held with the bank' };
const REGION: ReasonText = { code: 'REG1', text: 'Economic conditions of the district of residence' };

const borrower = lookup('borrowers.borrower_id');
const district = lookup('borrowers.borrower_id', 'districts.district_id');

/**
 * What the borrower states about work and home. Sex, ethnic group and marital status are protected and refused by the
 * catalog; age is left out on purpose: Reg B (12 CFR 1002.6(b)(2)) admits it only in an empirically derived system that
 * never counts it against applicants of 62 and over, which a free model cannot promise.
 */
export function borrowerFeatures(): FeatureDefinition[] {
  return [
    numeric('employment_days', daysBefore(borrower('employed_since')), {
      title: 'Time in present employment',
      unit: 'days',
      nullMeaning: 'not employed or not stated',
      reason: EMPLOYMENT,
      monotone: 'decreasing',
    }),
    categorical('employment_status', borrower('employment_status'), {
      title: 'Employment status',
      unit: 'category',
      nullMeaning: 'not stated',
      reason: EMPLOYMENT,
    }),
    numeric('residence_days', daysBefore(borrower('resident_since')), {
      title: 'Time at present address',
      unit: 'days',
      nullMeaning: 'not stated',
      reason: RESIDENCE,
      monotone: 'decreasing',
    }),
    categorical('housing', borrower('housing'), {
      title: 'Housing',
      unit: 'category',
      nullMeaning: 'not stated',
      reason: RESIDENCE,
    }),
    numeric('dependents', borrower('dependents'), {
      title: 'Dependents',
      unit: 'count',
      nullMeaning: 'not stated',
      reason: DEPENDENTS,
    }),
    numeric('income_stated', borrower('income_monthly_minor'), {
      title: 'Income a month, as stated',
      unit: 'minor units a month',
      nullMeaning: 'not stated',
      reason: { code: 'INC3', text: 'Stated income too low, or not borne out by the account' },
    }),
    numeric('income_received_to_stated', ratio('income_monthly', 'income_stated'), {
      title: 'Income seen on the account over income stated',
      unit: 'ratio',
      nullMeaning: 'no income stated',
      reason: { code: 'INC3', text: 'Stated income too low, or not borne out by the account' },
      monotone: 'decreasing',
    }),
  ];
}

export function accountFeatures(): FeatureDefinition[] {
  return [
    numeric('account_age_days', aggregate('accounts', { fn: 'days_since_first' }), {
      title: 'Age of the oldest account',
      unit: 'days',
      nullMeaning: 'no account',
      reason: ACCOUNT,
      monotone: 'decreasing',
    }),
    numeric('account_count', aggregate('accounts', { fn: 'count' }), {
      title: 'Accounts',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: ACCOUNT,
    }),
  ];
}

export function cardFeatures(): FeatureDefinition[] {
  return [
    numeric('card_count', aggregate('cards', { fn: 'count' }), {
      title: 'Cards issued',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: CARDS,
      monotone: 'decreasing',
    }),
    numeric('days_since_card', aggregate('cards', { fn: 'days_since_last' }), {
      title: 'Days since the last card was issued',
      unit: 'days',
      nullMeaning: 'no card',
      reason: CARDS,
    }),
    categorical('card_type', aggregate('cards', { fn: 'last', column: 'card_type' }), {
      title: 'Type of the latest card',
      unit: 'category',
      nullMeaning: 'no card',
      reason: CARDS,
    }),
  ];
}

/**
 * The district a borrower lives in: class `alternative`, since where somebody lives can stand in for who they are. The
 * fairness checks measure that.
 */
export function districtFeatures(): FeatureDefinition[] {
  const about = { nullMeaning: 'district unknown', reason: REGION };
  return [
    numeric('district_unemployment', district('unemployment_rate'), {
      title: 'Unemployment in the district',
      unit: 'per cent',
      monotone: 'increasing',
      ...about,
    }),
    numeric('district_unemployment_prior', district('unemployment_rate_prior'), {
      title: 'Unemployment in the district, a year earlier',
      unit: 'per cent',
      ...about,
    }),
    numeric(
      'district_unemployment_change',
      derived(subtract(feature('district_unemployment'), feature('district_unemployment_prior'))),
      {
        title: 'Change of unemployment in the district in a year',
        unit: 'percentage points',
        ...about,
        monotone: 'increasing',
      },
    ),
    numeric('district_salary', district('average_salary_minor'), {
      title: 'Average salary in the district',
      unit: 'minor units a month',
      ...about,
    }),
    numeric('district_crime', district('crimes_per_1000'), {
      title: 'Crimes per 1,000 inhabitants of the district',
      unit: 'per 1,000',
      ...about,
    }),
    numeric('district_urban_share', district('urban_share'), {
      title: 'Urban share of the district',
      unit: 'per cent',
      ...about,
    }),
    numeric('district_entrepreneurs', district('entrepreneurs_per_1000'), {
      title: 'Entrepreneurs per 1,000 inhabitants of the district',
      unit: 'per 1,000',
      ...about,
    }),
    numeric('income_to_district_salary', ratio('income_monthly', 'district_salary'), {
      title: 'Income a month over the average salary of the district',
      unit: 'ratio',
      nullMeaning: 'district unknown',
      reason: { code: 'INC1', text: 'Income or other money received on the account too low' },
      monotone: 'decreasing',
    }),
  ];
}
