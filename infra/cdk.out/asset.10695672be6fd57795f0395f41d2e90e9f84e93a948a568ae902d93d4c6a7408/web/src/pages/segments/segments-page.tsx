import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Segments } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { Page, Panel } from '../../layout/index.ts';
import { useSegmentDimensions } from '../../queries/segment-dimensions.ts';
import { useSegments } from '../../queries/segments.ts';
import { Loaded, NoBook } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { segmentColumns } from './columns.tsx';
import { SegmentChart } from './segment-chart.tsx';

const AUC_BASIS: Readonly<Record<Segments['aucBasis'], string>> = {
  out_of_fold: 'AUC is from out-of-fold predictions: no application was scored by a model that had seen it.',
  in_sample: 'AUC is in-sample: the model has seen these applications, so it flatters.',
  none: 'No predictions to compute an AUC from.',
};

export function SegmentsPage() {
  const search = useSearch({ from: '/app/segments' });
  const navigate = useNavigate({ from: '/segments' });
  const dimensions = useSegmentDimensions();
  const dimension = search.dimension ?? dimensions.data?.dimensions[0]?.name;
  const segments = useSegments(dimension);
  return (
    <Page title="Segments" lead="The book split by one dimension: who is in it, what was predicted, what happened.">
      <Loaded
        query={dimensions}
        subject="the segments"
        empty={(data) => (data.state === 'empty' || data.dimensions.length === 0 ? <NoBook /> : null)}
      >
        {(data) => (
          <>
            <Select
              label="Split by"
              size="xs"
              maw={340}
              searchable
              allowDeselect={false}
              data={data.dimensions.map(({ name, title }) => ({ value: name, label: title }))}
              value={dimension ?? null}
              onChange={(next) => void navigate({ search: { dimension: next ?? undefined } })}
            />
            <Loaded
              query={segments}
              subject="these segments"
              empty={(found) => (found.state === 'empty' ? <NoBook /> : null)}
            >
              {(found) => <Figures segments={found} fading={segments.isPlaceholderData} />}
            </Loaded>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Figures({ segments, fading }: { readonly segments: Segments; readonly fading: boolean }) {
  return (
    <>
      <Panel>
        <SegmentChart segments={segments} />
      </Panel>
      <Panel
        note={
          <>
            {AUC_BASIS[segments.aucBasis]} “Too few” stands where there are fewer than{' '}
            {formatCount(segments.minimumLabelled)} known outcomes or fewer than {formatCount(segments.minimumDefaults)}{' '}
            defaults: a rate would say nothing.
          </>
        }
      >
        <DataTable
          title={`Segments by ${segments.title}`}
          columns={segmentColumns(segments)}
          rows={segments.segments}
          rowKey={(row) => row.segment}
          fading={fading}
        />
      </Panel>
    </>
  );
}
