import type { FeatureValue, Portfolio } from '../domain/index.ts';
import { loanApplicationsSchema } from './application.ts';
import type { Change, Counterfactual } from './counterfactual.ts';

/** A counterfactual in plain language: what would be different, what follows from it, and what would have been decided. */
export function describeCounterfactual(
  { changes, columns, pd, grade }: Counterfactual,
  asked: Readonly<Record<string, FeatureValue>>,
  portfolio: Portfolio,
): string {
  const moved = new Set(changes.flatMap(({ lever }) => ('column' in lever.on ? [lever.on.column] : [])));
  const follows = Object.entries(columns)
    .filter(([name]) => !moved.has(name))
    .map(
      ([name, to]) => `${titleOf({ column: name }, portfolio)} ${valueText({ column: name }, to, portfolio)} with it`,
    );
  const parts = changes.map((change) => changeText(change, portfolio));
  const rest = follows.length === 0 ? '' : ` (${follows.join(', ')})`;
  const days = Math.max(0, ...changes.map(({ lever }) => lever.overDays ?? 0));
  const when = days === 0 ? '' : ` A new application would show it after about ${days} days.`;
  const same = Object.keys(asked).length === 0 ? '' : ', all else the same';
  return (
    `With ${parts.join(' and ')}${rest}${same}, it would have been approved: ` +
    `expected default ${(pd * 100).toFixed(1)} of 100, grade ${grade}.${when}`
  );
}

function changeText({ lever, from, to }: Change, portfolio: Portfolio): string {
  const [before, after] = [from, to].map((value) => valueText(lever.on, value, portfolio));
  return `${titleOf(lever.on, portfolio)} ${after} instead of ${before}`;
}

type Target = Change['lever']['on'];

/** As the form or the catalog calls it, within a sentence. */
export function titleOf(on: Target, portfolio: Portfolio): string {
  const title = 'column' in on ? columnOf(on.column, portfolio)?.description : featureOf(on.feature, portfolio)?.title;
  const text = title ?? ('column' in on ? on.column : on.feature).replace(/_minor$/, '').replaceAll('_', ' ');
  return text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
}

function valueText(on: Target, value: number, portfolio: Portfolio): string {
  const isMoney =
    'column' in on
      ? columnOf(on.column, portfolio)?.type === 'money'
      : (featureOf(on.feature, portfolio)?.unit ?? '').startsWith('minor units');
  if (isMoney) return `${(value / 100).toFixed(2)} ${portfolio.currency}`;
  const unit = 'column' in on ? (on.column.endsWith('_months') ? ' months' : '') : unitText(on.feature, portfolio);
  return `${Number(value.toPrecision(6))}${unit}`;
}

function unitText(feature: string, portfolio: Portfolio): string {
  const unit = featureOf(feature, portfolio)?.unit ?? '';
  return ['days', 'months', 'years'].includes(unit) ? ` ${unit}` : '';
}

const columnOf = (name: string, portfolio: Portfolio) =>
  loanApplicationsSchema(portfolio).columns.find((column) => column.name === name);
const featureOf = (name: string, portfolio: Portfolio) =>
  portfolio.features.features.find((feature) => feature.name === name);
