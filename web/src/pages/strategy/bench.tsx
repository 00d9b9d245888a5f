import { useDebouncedCallback } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { StrategyBook, StrategyGroups } from '../../contract.ts';
import { formatDecimal } from '../../format/index.ts';
import { Panel, Row } from '../../layout/index.ts';
import { decodeBook } from './book.ts';
import { Controls } from './controls.tsx';
import { CurveChart } from './curve-chart.tsx';
import { DistributionChart } from './distribution-chart.tsx';
import { ImpactTable } from './impact-table.tsx';
import { outcomeOf } from './outcome.ts';
import { OutcomeTiles } from './outcome-tiles.tsx';
import { pdAt, type Settings, searchOf, settingsOf, strategyOf } from './settings.ts';
import { SwapTable } from './swap-table.tsx';
import { useRecomputed } from './use-recomputed.ts';

type Props = {
  readonly book: StrategyBook;
  readonly groups: StrategyGroups | undefined;
  readonly mayGroups: boolean;
};

/** The address follows once the hand rests. */
const SETTLE_MS = 300;

export function Bench({ book, groups, mayGroups }: Props) {
  const search = useSearch({ from: '/app/strategy' });
  const navigate = useNavigate({ from: '/strategy' });
  const [settings, setSettings] = useState<Settings>(() => settingsOf(search, book));
  const remember = useDebouncedCallback((next: Settings) => {
    void navigate({ search: (before) => ({ ...before, ...searchOf(next) }), replace: true });
  }, SETTLE_MS);
  const decoded = useMemo(() => decodeBook(book, groups), [book, groups]);
  const { approve, decline, filters, amountFrom, amountTo } = settings;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a loan earns needs no pass over the book
  const strategy = useMemo(() => strategyOf(settings, book), [book, approve, decline, filters, amountFrom, amountTo]);
  const answer = useRecomputed(decoded, strategy);
  // tables may come a frame later than the tiles and charts that the eye follows
  const settled = useDeferredValue(answer);
  const change = (part: Partial<Settings>): void => {
    performance.mark('strategy:input');
    const next = { ...settings, ...part };
    setSettings(next);
    remember(next);
  };
  useEffect(() => {
    // the charts have drawn by now; the mark is set in the frame that shows them
    if (answer !== undefined)
      requestAnimationFrame(() => performance.mark('strategy:drawn', { detail: answer.computeMs }));
  }, [answer]);
  const cuts = { approve: pdAt(decoded, approve), decline: pdAt(decoded, 1 - decline) };
  return (
    <>
      <Controls book={book} settings={settings} isPriced={decoded.priced > 0} cuts={cuts} onChange={change} />
      {answer === undefined ? null : (
        <>
          <OutcomeTiles outcome={outcomeOf(answer.found, settings.economics)} currency={book.currency} />
          <Row columns={2}>
            <Panel
              note={`${book.rows.toLocaleString('en-GB')} applications recomputed in ${formatDecimal(answer.computeMs, 1)} ms.`}
            >
              <DistributionChart found={answer.found} />
            </Panel>
            <Panel>
              <CurveChart
                found={answer.found}
                economics={settings.economics}
                currency={book.currency}
                approved={outcomeOf(answer.found, settings.economics).approvedShare}
              />
            </Panel>
          </Row>
          <Row columns={2}>
            <Panel note="Counted over the part of the book looked at. Observed bad rate: defaults over known outcomes of those the strategy approves.">
              <SwapTable found={(settled ?? answer).found} />
            </Panel>
            <Panel>
              <ImpactTable found={(settled ?? answer).found} groups={groups} mayGroups={mayGroups} />
            </Panel>
          </Row>
        </>
      )}
    </>
  );
}
