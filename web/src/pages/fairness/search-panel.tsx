import { Alert, Progress } from '@mantine/core';
import type { FairnessSearch } from '../../contract.ts';
import { formatCount, formatDecimal, formatPercent } from '../../format/index.ts';
import { Panel } from '../../layout/index.ts';
import { DataTable } from '../../tables/index.ts';
import { candidateColumns, type ProxyRow, proxyColumns } from './columns.tsx';
import { FrontierChart } from './frontier-chart.tsx';

/** Proxies and alternatives: computed on demand, apart from what decides. */
export function SearchPanel({ search }: { readonly search: FairnessSearch }) {
  if (search.state === 'computing') {
    const share = search.total === 0 ? 0 : (100 * search.done) / search.total;
    return (
      <Panel
        title="Searching proxies and alternatives"
        note={search.total === 0 ? 'Looking for proxies' : `${search.done} of ${search.total} alternatives judged`}
      >
        <Progress value={share} aria-label="Progress of the search" />
      </Panel>
    );
  }
  if (search.state === 'failed') {
    return (
      <Alert color="red" title="The search failed">
        {search.detail}
      </Alert>
    );
  }
  const { result } = search;
  const proxies = result.scans.flatMap(({ group, proxies: found }): ProxyRow[] =>
    found.map((proxy) => ({ ...proxy, group })),
  );
  const together = result.scans.filter((scan) => scan.together !== null);
  return (
    <>
      <Panel
        note={`Of ${formatCount(result.rows)} labelled applications. All features together: ${together
          .map((scan) => `${scan.group} AUC ${formatDecimal(scan.together?.value ?? 0, 3)}`)
          .join(', ')}.`}
      >
        <DataTable
          title="Proxies"
          columns={proxyColumns}
          rows={proxies}
          rowKey={(row) => `${row.group} ${row.feature}`}
          maxHeight={420}
        />
      </Panel>
      <Panel>
        <FrontierChart alternatives={result.alternatives} />
      </Panel>
      <Panel
        note={`Logistic regressions on the ${result.features} most important features, out of fold, ${formatPercent(result.approvedShare)} approved; against ${result.reference}.`}
      >
        <DataTable
          title="Alternatives"
          columns={candidateColumns}
          rows={result.alternatives}
          rowKey={(row) => row.id}
          maxHeight={480}
        />
      </Panel>
    </>
  );
}
