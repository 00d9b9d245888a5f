import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { outcomeSchema } from '../../contract.ts';
import { OUTCOME_LABELS, OUTCOMES } from '../../format/index.ts';
import type { ApplicantsSearch } from '../../search.ts';
import classes from './filters.module.css';

const SETTLE_MS = 300;

type Props = {
  readonly search: ApplicantsSearch;
  readonly grades: readonly string[];
  readonly onChange: (next: Partial<ApplicantsSearch>) => void;
};

/** Every filter lives in the address, so that a link restores the view. */
export function Filters({ search, grades, onChange }: Props) {
  const set = Object.entries(search).some(([key, value]) => FILTERS.has(key) && value !== undefined);
  return (
    <search className={classes['filters']}>
      <SearchBox text={search.search} onChange={(text) => onChange({ search: text })} />
      <Select
        size="xs"
        label="Grade"
        placeholder="All"
        clearable
        data={[...grades]}
        value={search.grade ?? null}
        onChange={(grade) => onChange({ grade: grade ?? undefined })}
      />
      <Select
        size="xs"
        label="Policy outcome"
        placeholder="All"
        clearable
        data={OUTCOMES.map((outcome) => ({ value: outcome, label: OUTCOME_LABELS[outcome] }))}
        value={search.outcome ?? null}
        onChange={(outcome) => onChange({ outcome: outcomeSchema.safeParse(outcome).data })}
      />
      <PercentBox label="PD from" value={search.minPd} onChange={(minPd) => onChange({ minPd })} />
      <PercentBox label="PD to" value={search.maxPd} onChange={(maxPd) => onChange({ maxPd })} />
      <TextInput
        size="xs"
        type="date"
        label="Applied from"
        value={search.from ?? ''}
        onChange={(event) => onChange({ from: event.currentTarget.value || undefined })}
      />
      <TextInput
        size="xs"
        type="date"
        label="Applied before"
        value={search.until ?? ''}
        onChange={(event) => onChange({ until: event.currentTarget.value || undefined })}
      />
      <Button size="xs" variant="default" disabled={!set} onClick={() => onChange(NO_FILTERS)}>
        Clear filters
      </Button>
    </search>
  );
}

const NO_FILTERS: Partial<ApplicantsSearch> = {
  search: undefined,
  grade: undefined,
  outcome: undefined,
  minPd: undefined,
  maxPd: undefined,
  from: undefined,
  until: undefined,
};
const FILTERS = new Set(Object.keys(NO_FILTERS));

function SearchBox({
  text,
  onChange,
}: {
  readonly text: string | undefined;
  readonly onChange: (text?: string) => void;
}) {
  const [typed, setTyped] = useState(text ?? '');
  const box = useRef<HTMLInputElement>(null);
  const settle = useDebouncedCallback((value: string) => onChange(value.trim() || undefined), SETTLE_MS);
  useEffect(() => setTyped((current) => (current.trim() === (text ?? '') ? current : (text ?? ''))), [text]);
  useHotkeys([['/', () => box.current?.focus()]]);
  return (
    <TextInput
      ref={box}
      size="xs"
      className={classes['search']}
      label="Search"
      placeholder="Application or borrower id"
      leftSection={<IconSearch size={14} />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        settle(event.currentTarget.value);
      }}
    />
  );
}

type PercentProps = {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (share: number | undefined) => void;
};

function PercentBox({ label, value, onChange }: PercentProps) {
  const settle = useDebouncedCallback((next: string | number) => {
    onChange(typeof next === 'number' ? Number((next / 100).toFixed(6)) : undefined);
  }, SETTLE_MS);
  return (
    <NumberInput
      size="xs"
      label={label}
      suffix=" %"
      min={0}
      max={100}
      decimalScale={2}
      hideControls
      placeholder="Any"
      key={value ?? 'unset'}
      defaultValue={value === undefined ? '' : Number((value * 100).toFixed(4))}
      onChange={settle}
    />
  );
}
