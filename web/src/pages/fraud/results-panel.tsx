import type { FraudResultsDto } from '../../contract.ts';
import { formatCount, formatPercent, toWords } from '../../format/index.ts';
import { Panel, Row } from '../../layout/index.ts';
import { useFraudResults } from '../../queries/fraud-results.ts';
import { Loaded } from '../../states/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Counts = Pick<FraudResultsDto['signals'][number], 'confirmed' | 'cleared' | 'unsure' | 'precision'>;

function countColumns<Row extends Counts>(): Column<Row>[] {
  const count = (key: 'confirmed' | 'cleared' | 'unsure', title: string): Column<Row> => ({
    key,
    title,
    align: 'right',
    value: (row) => row[key],
    cell: (row) => formatCount(row[key]),
  });
  return [
    count('confirmed', 'Confirmed'),
    count('cleared', 'Cleared'),
    count('unsure', 'Unsure'),
    {
      key: 'precision',
      title: 'Confirmed of the settled',
      align: 'right',
      hint: 'Wilson 95 %; not shown below ten settled cases. Who was unsure is on neither side.',
      value: (row) => row.precision?.value ?? null,
      cell: ({ precision }) =>
        precision === null
          ? 'too few'
          : `${formatPercent(precision.value, 0)} (${formatPercent(precision.lower, 0)} to ${formatPercent(precision.upper, 0)})`,
    },
  ];
}

type Length = FraudResultsDto['capacities'][number];
type Signal = FraudResultsDto['signals'][number];
const LENGTHS: readonly Column<Length>[] = [
  { key: 'capacity', title: 'First of the queue', align: 'right', value: (row) => row.capacity },
  ...countColumns<Length>(),
];
const SIGNALS: readonly Column<Signal>[] = [
  { key: 'signal', title: 'Signal', value: (row) => toWords(row.signal) },
  ...countColumns<Signal>(),
];

/** How often the queue is right, by what people found. */
export function ResultsPanel() {
  const results = useFraudResults();
  return (
    <Loaded query={results} subject="what people found">
      {(data) => (
        <Row columns={2}>
          <Panel note="Of the cases that were looked into; labels of fraud, never of default.">
            <DataTable
              title="Is the queue right?"
              columns={LENGTHS}
              rows={data.capacities}
              rowKey={(row) => String(row.capacity)}
            />
          </Panel>
          <Panel>
            <DataTable
              title="Is the signal right?"
              columns={SIGNALS}
              rows={data.signals}
              rowKey={(row) => row.signal}
              nothing="No case was decided yet."
            />
          </Panel>
        </Row>
      )}
    </Loaded>
  );
}
