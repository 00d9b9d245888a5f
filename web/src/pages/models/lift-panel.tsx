import type { LiftDto, Model } from '../../contract.ts';
import { formatCount, formatDecimal, formatPercent, formatTime, toWords } from '../../format/index.ts';
import { Facts, Panel } from '../../layout/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import classes from './models.module.css';

type Group = LiftDto['groups'][number];

/** What the version gains by data that must be proven, and who gains or loses by it. */
export function LiftPanels({ lift }: Pick<Model, 'lift'>) {
  return lift.map((one) => <LiftPanel key={one.dataClass} lift={one} />);
}

function LiftPanel({ lift }: { readonly lift: LiftDto }) {
  const { value, lower, upper } = lift.lift;
  return (
    <Panel title={`${toWords(lift.dataClass)} data: what it adds`}>
      <Facts
        facts={[
          ['Reads', lift.features.join(', ')],
          [
            'Lift',
            `${formatDecimal(value, 4)} of AUC (${formatDecimal(lower, 4)} to ${formatDecimal(upper, 4)}, 95 %)`,
          ],
          ['AUC with, without', `${formatDecimal(lift.aucWith, 4)}, ${formatDecimal(lift.aucWithout, 4)}`],
          [
            'Measured',
            `${toWords(lift.measuredOn)}, ${formatCount(lift.rows)} applications, ${formatTime(lift.measuredAt)}`,
          ],
          [
            'Challenger without it',
            <span key="challenger" className="mono">
              {lift.challenger}
            </span>,
          ],
          ['Promotion', lift.refusals.length === 0 ? 'May be promoted' : `Refused: ${lift.refusals.join('; ')}`],
        ]}
      />
      {lift.groups.length === 0 ? null : (
        <DataTable
          title="Impact ratio by group"
          subtitle={`${formatPercent(lift.approvedShare, 0)} approved by the lowest PD; against the largest group`}
          columns={COLUMNS}
          rows={lift.groups}
          rowKey={(row) => `${row.trait}/${row.name}`}
        />
      )}
    </Panel>
  );
}

function ratio(key: 'airWithout' | 'airWith', title: string): Column<Group> {
  return {
    key,
    title,
    align: 'right',
    value: (row) => row[key]?.value ?? null,
    cell: (row) => {
      const found = row[key];
      if (found === null) return 'too few';
      return (
        <span className={classes['figure']}>
          {formatDecimal(found.value, 4)}
          <small>
            {formatDecimal(found.lower, 3)} to {formatDecimal(found.upper, 3)}
          </small>
        </span>
      );
    },
  };
}

const COLUMNS: readonly Column<Group>[] = [
  { key: 'trait', title: 'Trait', value: (row) => row.trait },
  { key: 'name', title: 'Group', value: (row) => row.name },
  { key: 'count', title: 'Applications', align: 'right', value: (row) => row.count },
  ratio('airWithout', 'Without'),
  ratio('airWith', 'With'),
];
