import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, legendOf, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import type { Applicant } from '../../contract.ts';
import { formatCount, formatMoney, formatMoneyCompact } from '../../format/index.ts';

type Month = Applicant['transactions'][number];
type Props = { readonly transactions: readonly Month[]; readonly currency: string };

/** Money in and out of the borrower's account by month, up to the application. */
export function TransactionChart({ transactions, currency }: Props) {
  const option = useCallback((ink: Ink) => optionOf(transactions, currency, ink), [transactions, currency]);
  return (
    <Chart
      title="Transactions before the application"
      subtitle="Money in and out by month, and the lowest balance of the month"
      summary={`Inflow, outflow and lowest balance over ${transactions.length} months.`}
      option={option}
      data={{
        columns: [
          { title: 'Month', value: (row) => row.month },
          { title: 'Transactions', value: (row) => row.count },
          { title: 'Inflow in minor units', unit: currency, value: (row) => row.inflowMinor },
          { title: 'Outflow in minor units', unit: currency, value: (row) => row.outflowMinor },
          { title: 'Lowest balance in minor units', unit: currency, value: (row) => row.lowestBalanceMinor },
          { title: 'End balance in minor units', unit: currency, value: (row) => row.endBalanceMinor },
        ],
        rows: transactions,
      }}
    />
  );
}

function optionOf(months: readonly Month[], currency: string, ink: Ink): EChartsOption {
  const [inflow, outflow, balance] = ink.series;
  return {
    ...baseOption(ink),
    legend: legendOf(ink),
    tooltip: {
      ...baseOption(ink).tooltip,
      formatter: (params) => {
        const month = months[tipIndex(params)];
        if (month === undefined) return '';
        return tip(month.month, [
          { label: 'In', value: formatMoney(month.inflowMinor, currency), color: inflow },
          { label: 'Out', value: formatMoney(month.outflowMinor, currency), color: outflow },
          { label: 'Lowest balance', value: formatMoney(month.lowestBalanceMinor, currency), color: balance },
          { label: 'Balance at the end', value: formatMoney(month.endBalanceMinor, currency) },
          { label: 'Transactions', value: formatCount(month.count) },
        ]);
      },
    },
    xAxis: categoryAxis(
      ink,
      months.map((month) => month.month),
      { title: 'Month' },
    ),
    yAxis: valueAxis(ink, {
      title: currency,
      gap: 62,
      format: (minor) => formatMoneyCompact(minor, currency).replace(currency, '').trim(),
    }),
    series: [
      { type: 'bar', name: 'In', data: months.map((month) => month.inflowMinor), itemStyle: { color: inflow } },
      { type: 'bar', name: 'Out', data: months.map((month) => month.outflowMinor), itemStyle: { color: outflow } },
      {
        type: 'line',
        name: 'Lowest balance',
        data: months.map((month) => month.lowestBalanceMinor),
        symbolSize: 5,
        itemStyle: { color: balance },
      },
    ],
  };
}
