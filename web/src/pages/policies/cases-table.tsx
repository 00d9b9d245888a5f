import { Alert } from '@mantine/core';
import type { PolicyCaseResultDto } from '../../contract.ts';
import { formatQuantity, OUTCOME_LABELS } from '../../format/index.ts';
import { OutcomeBadge } from '../../layout/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';

const factsText = ({ facts }: PolicyCaseResultDto): string =>
  Object.entries(facts)
    .map(
      ([fact, value]) =>
        `${fact} = ${value === null ? 'missing' : typeof value === 'number' ? formatQuantity(value) : value}`,
    )
    .join(', ');

const resultText = ({ outcome, rules }: PolicyCaseResultDto['expected']): string =>
  `${OUTCOME_LABELS[outcome]}${rules.length === 0 ? '' : ` by ${rules.join(', ')}`}`;

function Result({ result }: { readonly result: PolicyCaseResultDto['expected'] }) {
  return (
    <>
      <OutcomeBadge outcome={result.outcome} /> <span className="mono muted">{result.rules.join(', ')}</span>
    </>
  );
}

const COLUMNS: readonly Column<PolicyCaseResultDto>[] = [
  {
    key: 'passed',
    title: 'Holds',
    value: (row) => (row.passed ? 'yes' : 'no'),
    cell: (row) => (
      <strong style={{ color: row.passed ? undefined : 'var(--as-declined)' }}>{row.passed ? 'Yes' : 'No'}</strong>
    ),
  },
  { key: 'name', title: 'Case', wide: true, value: (row) => row.name },
  {
    key: 'facts',
    title: 'Facts',
    wide: true,
    value: factsText,
    cell: (row) => <span className="mono">{factsText(row)}</span>,
  },
  {
    key: 'expected',
    title: 'Expected',
    value: (row) => resultText(row.expected),
    cell: (row) => <Result result={row.expected} />,
  },
  {
    key: 'actual',
    title: 'What the policy says',
    value: (row) => resultText(row.actual),
    cell: (row) => (row.passed ? <span className="muted">the same</span> : <Result result={row.actual} />),
  },
];

type Props = { readonly cases: readonly PolicyCaseResultDto[]; readonly rulesWithoutCase: readonly string[] };

/** What an analyst expects of the policy, case by case, and whether it does so. */
export function CasesTable({ cases, rulesWithoutCase }: Props) {
  const passed = cases.filter((one) => one.passed).length;
  return (
    <>
      <DataTable
        title="Cases"
        subtitle={`${passed} of ${cases.length} hold; a version goes live only when all do`}
        columns={COLUMNS}
        rows={cases}
        rowKey={(row) => row.name}
        nothing="No case: this version may not go live."
        maxHeight={460}
      />
      {rulesWithoutCase.length === 0 ? null : (
        <Alert mt="sm" variant="light" color="yellow" title="Rules that no case makes fire">
          <span className="mono">{rulesWithoutCase.join(', ')}</span>
        </Alert>
      )}
    </>
  );
}
