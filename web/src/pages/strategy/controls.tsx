import { NumberInput, Select } from '@mantine/core';
import { useId } from 'react';
import type { StrategyBook } from '../../contract.ts';
import { formatCategory, formatPercent } from '../../format/index.ts';
import { Panel } from '../../layout/index.ts';
import classes from './controls.module.css';
import type { Economics } from './outcome.ts';
import type { Settings } from './settings.ts';

type Props = {
  readonly book: StrategyBook;
  readonly settings: Settings;
  /** Whether the policy has prices for this book. */
  readonly isPriced: boolean;
  readonly cuts: { readonly approve: number | null; readonly decline: number | null };
  readonly onChange: (part: Partial<Settings>) => void;
};

const MINOR = 100;

export function Controls({ book, settings, isPriced, cuts, onChange }: Props) {
  const { approve, decline, economics } = settings;
  const money = (part: Partial<Economics>) => onChange({ economics: { ...economics, ...part } });
  return (
    <Panel>
      <div className={classes['controls']}>
        <Slider
          label="Approve without a person"
          value={approve}
          max={1 - decline}
          note={cuts.approve === null ? 'nobody' : `the safest applicants: PD up to ${formatPercent(cuts.approve)}`}
          onChange={(next) => onChange({ approve: next })}
        />
        <Slider
          label="Decline without a person"
          tone="declined"
          value={decline}
          max={1 - approve}
          note={decline === 0 ? 'nobody' : `the riskiest applicants: PD from ${formatPercent(cuts.decline)}`}
          onChange={(next) => onChange({ decline: next })}
        />
      </div>
      <div className={classes['filters']}>
        <EconomicsInputs book={book} economics={economics} isPriced={isPriced} onChange={money} />
        <AmountInput
          label="Amount from"
          book={book}
          value={settings.amountFrom}
          onChange={(amountFrom) => onChange({ amountFrom })}
        />
        <AmountInput
          label="Amount to"
          book={book}
          value={settings.amountTo}
          onChange={(amountTo) => onChange({ amountTo })}
        />
        {book.dimensions.map(({ name, title, levels }) => (
          <Select
            key={name}
            size="xs"
            label={title}
            placeholder="All"
            clearable
            data={levels.map((level) => ({ value: level, label: formatCategory(level) }))}
            value={settings.filters[name] ?? null}
            onChange={(level) => onChange({ filters: withFilter(settings.filters, name, level) })}
          />
        ))}
      </div>
    </Panel>
  );
}

type EconomicsProps = {
  readonly book: StrategyBook;
  readonly economics: Economics;
  readonly isPriced: boolean;
  readonly onChange: (part: Partial<Economics>) => void;
};

/** What a loan earns and costs. */
function EconomicsInputs({ book, economics, isPriced, onChange }: EconomicsProps) {
  return (
    <>
      {isPriced ? <EarnedSelect earned={economics.earned} onChange={(earned) => onChange({ earned })} /> : null}
      {economics.earned === 'margin' ? (
        <PercentInput
          label="Margin of a repaid loan"
          value={economics.margin}
          onChange={(margin) => onChange({ margin })}
        />
      ) : (
        <PercentInput
          label="Costs, share of the amount"
          value={economics.costs}
          onChange={(costs) => onChange({ costs })}
        />
      )}
      <PercentInput label="Lost given default" value={economics.lgd} onChange={(lgd) => onChange({ lgd })} />
      <NumberInput
        size="xs"
        label={`Cost of a review, ${book.currency}`}
        min={0}
        value={economics.reviewCostMinor / MINOR}
        onChange={(value) => typeof value === 'number' && onChange({ reviewCostMinor: Math.round(value * MINOR) })}
      />
      <PercentInput
        label="Files reviewers get right"
        value={economics.reviewerAccuracy}
        onChange={(reviewerAccuracy) => onChange({ reviewerAccuracy })}
      />
    </>
  );
}

const EARNED = [
  { value: 'margin', label: 'One margin for all' },
  { value: 'prices', label: 'The policy’s prices' },
] as const;

function EarnedSelect(props: {
  readonly earned: Economics['earned'];
  readonly onChange: (earned: Economics['earned']) => void;
}) {
  return (
    <Select
      size="xs"
      label="A repaid loan earns by"
      allowDeselect={false}
      data={[...EARNED]}
      value={props.earned}
      onChange={(value) => props.onChange(EARNED.find((one) => one.value === value)?.value ?? 'margin')}
    />
  );
}

function withFilter(filters: Settings['filters'], name: string, level: string | null): Record<string, string> {
  const others = Object.entries(filters).filter(([key]) => key !== name);
  return Object.fromEntries(level === null ? others : [...others, [name, level]]);
}

type SliderProps = {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly note: string;
  readonly tone?: 'declined';
  readonly onChange: (share: number) => void;
};

const STEP = 0.001;

/** A native range input: arrow keys, Page Up and Down, Home and End come with it. */
function Slider({ label, value, max, note, tone, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className={classes['slider']}>
      <label htmlFor={id}>
        {label}
        <strong>{formatPercent(value, 1)}</strong>
      </label>
      <input
        id={id}
        type="range"
        data-tone={tone}
        min={0}
        max={1}
        step={STEP}
        value={value}
        aria-valuetext={`${formatPercent(value, 1)}: ${note}`}
        onChange={(event) => onChange(Math.min(max, Number(event.currentTarget.value)))}
      />
      <p>{note}</p>
    </div>
  );
}

type PercentProps = { readonly label: string; readonly value: number; readonly onChange: (share: number) => void };

function PercentInput({ label, value, onChange }: PercentProps) {
  return (
    <NumberInput
      size="xs"
      label={label}
      suffix=" %"
      min={0}
      max={100}
      step={1}
      decimalScale={1}
      value={Math.round(value * 1000) / 10}
      onChange={(next) => typeof next === 'number' && onChange(next / 100)}
    />
  );
}

type AmountProps = {
  readonly label: string;
  readonly book: StrategyBook;
  readonly value: number | undefined;
  readonly onChange: (minor: number | undefined) => void;
};

function AmountInput({ label, book, value, onChange }: AmountProps) {
  return (
    <NumberInput
      size="xs"
      label={`${label}, ${book.currency}`}
      placeholder="any"
      min={0}
      step={500}
      value={value === undefined ? '' : value / MINOR}
      onChange={(next) => onChange(typeof next === 'number' ? Math.round(next * MINOR) : undefined)}
    />
  );
}
