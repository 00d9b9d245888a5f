import { Panel } from '../../layout/index.ts';
import { useDecisions } from '../../queries/decisions.ts';
import { useMay } from '../../session/use-may.ts';
import { DataTable } from '../../tables/index.ts';
import { decisionColumns } from '../decisions/columns.tsx';

const SHOWN = 25;

/** Decisions recorded for this application; left out where there are none, or the role may not see them. */
export function ApplicationDecisions({ applicationId }: { readonly applicationId: string }) {
  const { data } = useDecisions({ page: 1, pageSize: SHOWN, applicationId }, useMay('listDecisions'));
  if (data === undefined || data.total === 0) return null;
  return (
    <Panel>
      <DataTable
        title="Decisions on this application"
        columns={decisionColumns}
        rows={data.rows}
        rowKey={(row) => row.decisionId}
      />
    </Panel>
  );
}
