import { useQuery } from '@tanstack/react-query';
import { call } from '../http/call.ts';

export function useSqlTables() {
  return useQuery({ queryKey: ['sql-tables'], queryFn: ({ signal }) => call('listSqlTables', { signal }) });
}
