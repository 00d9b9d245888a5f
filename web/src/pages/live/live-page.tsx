import { TextInput } from '@mantine/core';
import { useDebouncedCallback, useDocumentVisibility } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { StreamStatusDto } from '../../contract.ts';
import { formatCount, formatDecimal } from '../../format/index.ts';
import { Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useRecentDecisions } from '../../queries/recent-decisions.ts';
import { useRecentEvents } from '../../queries/recent-events.ts';
import { LIVE_MS, useStream } from '../../queries/stream.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { CONSUMER_COLUMNS, DECISION_COLUMNS, EVENT_COLUMNS, lagText } from './columns.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { FeatureHistory } from './feature-history.tsx';
import { LagChart } from './lag-chart.tsx';

const SETTLE_MS = 400;

export function LivePage() {
  const stream = useStream();
  const visibility = useDocumentVisibility();
  return (
    <Page
      title="Live"
      lead={
        visibility === 'visible'
          ? `Events as they are applied, decisions as they are taken. Asked for every ${LIVE_MS / 1000} seconds while this tab is in front.`
          : 'Paused while this tab is hidden.'
      }
    >
      <Loaded query={stream} subject="the stream">
        {(data) => (
          <>
            <StreamTiles stream={data} />
            <Row columns={2}>
              <Panel>
                <LagChart stream={data} at={stream.dataUpdatedAt} />
              </Panel>
              <Panel>
                <DataTable
                  title="Consumers"
                  subtitle="Each reads its shard in order; its place and what it changed are committed together"
                  columns={CONSUMER_COLUMNS}
                  rows={data.consumers}
                  rowKey={(row) => `${row.consumer}/${row.shardId}`}
                  nothing="No consumer has read from this stream yet."
                  maxHeight={300}
                />
              </Panel>
            </Row>
          </>
        )}
      </Loaded>
      <Feeds />
      <FeatureHistory />
      <DeadLetters />
    </Page>
  );
}

function StreamTiles({ stream }: { readonly stream: StreamStatusDto }) {
  const open = stream.consumers.filter(({ ended }) => !ended);
  const behind = open.length === 0 ? null : Math.max(...open.map(({ millisBehind }) => millisBehind));
  const rate = open.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  return (
    <Tiles>
      <Tile
        dataKey="backlog"
        title="Waiting in the stream"
        value={formatCount(stream.backlog)}
        note="records the slowest consumer has not taken"
      />
      <Tile
        dataKey="lag"
        title="Furthest behind"
        value={lagText(behind)}
        note={`${formatCount(open.length)} consumers`}
      />
      <Tile dataKey="rate" title="Taken a second" value={formatDecimal(rate, 1)} note="all consumers together" />
      <Tile
        dataKey="shards"
        title="Open shards"
        value={formatCount(stream.shards.filter(({ isClosed }) => !isClosed).length)}
        note={stream.stream}
      />
      <Tile
        dataKey="letters"
        title="Dead letters waiting"
        value={formatCount(stream.deadLettersWaiting)}
        note="refused, kept with the reason"
      />
    </Tiles>
  );
}

/** What came in and what was decided, side by side; of one borrower where asked for. */
function Feeds() {
  const { borrower } = useSearch({ from: '/app/live' });
  const navigate = useNavigate({ from: '/live' });
  const [typed, setTyped] = useState(borrower ?? '');
  const [mayEvents, mayDecisions] = [useMay('listRecentEvents'), useMay('listDecisions')];
  const events = useRecentEvents(borrower, mayEvents);
  const decisions = useRecentDecisions(borrower, mayDecisions);
  const remember = useDebouncedCallback((text: string) => {
    void navigate({ search: (before) => ({ ...before, borrower: text === '' ? undefined : text }), replace: true });
  }, SETTLE_MS);
  if (!mayEvents) return <Panel>Your role does not see single borrowers, so events and decisions are not shown.</Panel>;
  return (
    <>
      <TextInput
        size="xs"
        maw={320}
        label="Of one borrower"
        placeholder="borrower id"
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          remember(event.currentTarget.value.trim());
        }}
      />
      <Row columns={2}>
        <Panel>
          <Loaded query={events} subject="the events">
            {(data) => (
              <DataTable
                title="Events applied"
                subtitle="Newest first, since the last snapshot of the lake"
                columns={EVENT_COLUMNS}
                rows={data.rows}
                rowKey={(row) => `${row.table}/${row.key}`}
                nothing="No event has been applied since the last snapshot. Send one to POST /api/v1/events, or run: assay ingest FILE --source NAME"
                maxHeight={420}
              />
            )}
          </Loaded>
        </Panel>
        <Panel>
          <Loaded query={decisions} subject="the decisions">
            {(data) => (
              <DataTable
                title="Decisions"
                subtitle="Newest first"
                columns={DECISION_COLUMNS}
                rows={data.rows}
                rowKey={(row) => row.decisionId}
                nothing="No decision yet. Send one to POST /api/v1/applications, or use Score an application."
                maxHeight={420}
              />
            )}
          </Loaded>
        </Panel>
      </Row>
    </>
  );
}
