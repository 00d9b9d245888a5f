import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { ApplicationField } from '../../contract.ts';
import { formatDecimal, formatPercent, formatSigned, OUTCOME_LABELS } from '../../format/index.ts';
import { OutcomeBadge, Panel } from '../../layout/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { compareScenarios, type Scenario, type ScenarioRow } from './scenarios.ts';

const COLUMNS: readonly Column<ScenarioRow>[] = [
  { key: 'number', title: 'Scenario', value: (row) => row.number },
  { key: 'changes', title: 'Changed against scenario 1', wide: true, value: (row) => row.changes },
  {
    key: 'score',
    title: 'Score',
    unit: 'points',
    align: 'right',
    value: (row) => row.result.score,
    cell: (row) => formatDecimal(row.result.score, 0),
  },
  {
    key: 'scoreChange',
    title: 'Change',
    unit: 'points',
    align: 'right',
    value: (row) => row.scoreChange,
    cell: (row) => formatSigned(row.scoreChange),
  },
  { key: 'grade', title: 'Grade', value: (row) => row.result.grade },
  {
    key: 'pd',
    title: 'PD',
    align: 'right',
    value: (row) => row.result.pd,
    cell: (row) => formatPercent(row.result.pd),
  },
  {
    key: 'pdChange',
    title: 'Change',
    unit: '% points',
    align: 'right',
    value: (row) => row.pdChange,
    cell: (row) => (row.pdChange === null ? formatSigned(null) : formatSigned(row.pdChange * 100, 2)),
  },
  {
    key: 'outcome',
    title: 'The policy would say',
    value: (row) => OUTCOME_LABELS[row.result.indicativeOutcome],
    cell: (row) => <OutcomeBadge outcome={row.result.indicativeOutcome} />,
  },
];

type Props = {
  readonly scenarios: readonly Scenario[];
  readonly fields: readonly ApplicationField[];
  readonly onClear: () => void;
};

/** What if: every variant that was scored, beside the first. */
export function ScenarioTable({ scenarios, fields, onClear }: Props) {
  const rows = useMemo(() => compareScenarios(scenarios, fields), [scenarios, fields]);
  return (
    <Panel>
      <DataTable
        title="What if"
        subtitle="Change a field and score again: each variant is listed here and stored nowhere"
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => String(row.number)}
      />
      <Button size="xs" variant="subtle" mt="xs" onClick={onClear}>
        Start over
      </Button>
    </Panel>
  );
}
