export type { Column, Sort } from './column.ts';
export { DataTable } from './data-table.tsx';
export { Pager } from './pager.tsx';
