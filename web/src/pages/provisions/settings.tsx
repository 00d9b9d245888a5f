import { NumberInput, Select } from '@mantine/core';
import { provisionsQuerySchema } from '../../contract.ts';
import { Panel } from '../../layout/index.ts';
import type { ProvisionsSearch } from '../../search.ts';
import classes from './settings.module.css';

type Props = { readonly search: ProvisionsSearch; readonly onChange: (part: Partial<ProvisionsSearch>) => void };
type NumberKey = Exclude<keyof ProvisionsSearch, 'ceclDiscounted'>;

/** Of the contract, so that page and server cannot differ. */
const DEFAULTS = provisionsQuerySchema.parse({});

const FIELDS: readonly {
  readonly key: NumberKey;
  readonly label: string;
  readonly percent?: boolean;
  readonly step?: number;
}[] = [
  { key: 'lgd', label: 'Lost given default', percent: true },
  { key: 'prepayment', label: 'Prepaid a month', percent: true, step: 0.1 },
  { key: 'adverseWeight', label: 'Weight of adverse', percent: true },
  { key: 'adverseShift', label: 'Adverse, log-odds', step: 0.1 },
  { key: 'severeWeight', label: 'Weight of severe', percent: true },
  { key: 'severeShift', label: 'Severe, log-odds', step: 0.1 },
  { key: 'forecastMonths', label: 'Forecast, months' },
  { key: 'reversionMonths', label: 'Reversion, months' },
  { key: 'sicrDays', label: 'Stage 2 above, days' },
  { key: 'sicrPdFactor', label: 'Stage 2 at PD times', step: 0.5 },
  { key: 'cureMonths', label: 'Cure, clean months' },
];

export function Settings({ search, onChange }: Props) {
  return (
    <Panel note="30 and 90 days past due are the rebuttable presumptions of IFRS 9 (5.5.11, B5.5.37). Scenarios, weights and loss given default are assumptions of the lender, not estimates of Assay.">
      <div className={classes['settings']}>
        {FIELDS.map(({ key, label, percent = false, step = 1 }) => (
          <NumberInput
            key={key}
            size="xs"
            label={label}
            step={step}
            min={0}
            decimalScale={2}
            {...(percent ? { suffix: ' %', max: 100 } : {})}
            value={shown(search[key] ?? DEFAULTS[key], percent)}
            onChange={(value) => typeof value === 'number' && onChange({ [key]: percent ? value / 100 : value })}
          />
        ))}
        <Select
          size="xs"
          label="CECL"
          allowDeselect={false}
          data={[
            { value: 'false', label: 'not discounted' },
            { value: 'true', label: 'discounted' },
          ]}
          value={search.ceclDiscounted ?? DEFAULTS.ceclDiscounted}
          onChange={(value) => onChange({ ceclDiscounted: value === 'true' ? 'true' : 'false' })}
        />
      </div>
    </Panel>
  );
}

function shown(value: number, percent: boolean): number {
  return percent ? Math.round(value * 10_000) / 100 : value;
}
