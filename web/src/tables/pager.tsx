import { Pagination, Select } from '@mantine/core';
import { formatCount } from '../format/index.ts';
import classes from './pager.module.css';

const PAGE_SIZES = ['25', '50', '100', '200'];

type Props = {
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onChange: (change: { page: number; pageSize: number }) => void;
};

export function Pager({ page, pageSize, total, onChange }: Props) {
  const first = total === 0 ? 0 : (page - 1) * pageSize + 1;
  const last = Math.min(total, page * pageSize);
  return (
    <nav className={classes['pager']} aria-label="Pagination">
      <span className="muted">
        {formatCount(first)}–{formatCount(last)} of {formatCount(total)}
      </span>
      <Pagination
        size="sm"
        total={Math.max(1, Math.ceil(total / pageSize))}
        value={page}
        siblings={1}
        onChange={(next) => onChange({ page: next, pageSize })}
        getControlProps={(control) => ({ 'aria-label': `${control} page` })}
        getItemProps={(item) => ({ 'aria-label': `Page ${item}` })}
      />
      <Select
        size="xs"
        w={110}
        aria-label="Rows a page"
        data={PAGE_SIZES.map((size) => ({ value: size, label: `${size} rows` }))}
        value={String(pageSize)}
        allowDeselect={false}
        onChange={(size) => onChange({ page: 1, pageSize: Number(size ?? pageSize) })}
      />
    </nav>
  );
}
