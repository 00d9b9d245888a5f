import { TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { SqlTablesDto } from '../../contract.ts';
import { Panel } from '../../layout/index.ts';
import classes from './sql.module.css';

type Table = SqlTablesDto['tables'][number];
type Props = { readonly tables: readonly Table[]; readonly onPick: (text: string) => void };

const SCHEMAS = [
  ['marts', 'Marts'],
  ['modeled', 'Modeled zone'],
  ['processed', 'Processed zone'],
] as const;

/** The tables and their columns; a click writes a name into the query. */
export function SqlTables({ tables, onPick }: Props) {
  const [search, setSearch] = useState('');
  const found = search.trim().toLowerCase();
  const matches = (table: Table) =>
    `${table.schema}.${table.name}`.includes(found) || table.columns.some(({ name }) => name.includes(found));
  return (
    <div className={classes['side']}>
      <Panel title="Tables">
        <TextInput
          size="xs"
          mb="xs"
          aria-label="Search tables and columns"
          placeholder="Table or column"
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {SCHEMAS.map(([schema, label]) => (
          <Schema
            key={schema}
            label={label}
            tables={tables.filter((table) => table.schema === schema && matches(table))}
            found={found}
            onPick={onPick}
          />
        ))}
        {tables.some(matches) ? null : <p className="muted">No table and no column has this in its name.</p>}
      </Panel>
    </div>
  );
}

type SchemaProps = Props & { readonly label: string; readonly found: string };

function Schema({ label, tables, found, onPick }: SchemaProps) {
  if (tables.length === 0) return null;
  return (
    <section aria-label={label}>
      <h3 className={classes['schema']}>{label}</h3>
      {tables.map((table) => (
        <details key={table.name} className={classes['table']} open={found !== '' && tables.length < 5}>
          <summary title={table.description}>
            <span className="mono">{table.name}</span>
          </summary>
          <p className={classes['about']}>{table.description}</p>
          <UnstyledButton className={classes['column']} onClick={() => onPick(`${table.schema}.${table.name}`)}>
            <span className="mono">{`${table.schema}.${table.name}`}</span>
          </UnstyledButton>
          {table.columns
            .filter(({ name }) => name.includes(found) || table.name.includes(found))
            .map((column) => (
              <UnstyledButton key={column.name} className={classes['column']} onClick={() => onPick(column.name)}>
                <span className="mono">{column.name}</span>
                <span className={classes['type']}>{column.pseudonym ? 'pseudonym' : column.type.toLowerCase()}</span>
              </UnstyledButton>
            ))}
          {table.hidden.length === 0 ? null : <p className={classes['about']}>Left out: {table.hidden.join(', ')}</p>}
        </details>
      ))}
    </section>
  );
}
