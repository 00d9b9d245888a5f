import { Button, Kbd } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useRef, useState } from 'react';
import { SQL_LIMITS } from '../../contract.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { useRunSql } from '../../queries/run-sql.ts';
import { useSqlTables } from '../../queries/sql-tables.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded, NoPermission } from '../../states/index.ts';
import classes from './sql.module.css';
import { SqlError } from './sql-error.tsx';
import { SqlResult } from './sql-result.tsx';
import { SqlTables } from './sql-tables.tsx';

const EXAMPLE = `SELECT grade, count(*) AS applications, avg(pd) AS mean_pd
FROM scores
GROUP BY grade
ORDER BY grade`;

/** Read-only SQL over the lake. The address keeps the query; a link fills it in and leaves running it to its reader. */
export function SqlTab() {
  if (!useMay('runSql')) return <NoPermission subject="the SQL console" />;
  return <SqlConsole />;
}

function SqlConsole() {
  const tables = useSqlTables();
  const { sql: linked } = useSearch({ from: '/app/pipeline' });
  const [sql, setSql] = useState(linked ?? EXAMPLE);
  const editor = useRef<HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    const { selectionStart: from = sql.length, selectionEnd: to = sql.length } = editor.current ?? {};
    setSql(sql.slice(0, from) + text + sql.slice(to));
    editor.current?.focus();
  };
  return (
    <div className={classes['console']}>
      <Query sql={sql} onChange={setSql} editor={editor} />
      <Loaded
        query={tables}
        subject="the tables of the console"
        empty={(data) => (data.tables.length === 0 ? <EmptyState title="The lake is empty" /> : null)}
      >
        {(data) => <SqlTables tables={data.tables} onPick={insert} />}
      </Loaded>
    </div>
  );
}

type QueryProps = {
  readonly sql: string;
  readonly onChange: (sql: string) => void;
  readonly editor: React.RefObject<HTMLTextAreaElement | null>;
};

function Query({ sql, onChange, editor }: QueryProps) {
  const query = useRunSql();
  const navigate = useNavigate({ from: '/pipeline' });
  const run = () => {
    if (sql.trim() === '') return;
    void navigate({ search: (before) => ({ ...before, sql }), replace: true, resetScroll: false });
    query.mutate({ sql });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  };
  return (
    <div className={classes['main']}>
      <Panel note="One SELECT, read-only. Personal columns are left out and ids are pseudonyms. Each query is entered in the audit log under your name.">
        <textarea
          ref={editor}
          className={classes['editor']}
          aria-label="SQL query"
          spellCheck={false}
          autoCapitalize="off"
          rows={Math.min(18, Math.max(6, sql.split('\n').length + 1))}
          maxLength={SQL_LIMITS.chars}
          value={sql}
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div className={classes['actions']}>
          {query.isPending ? (
            <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} />} onClick={query.cancel}>
              Cancel
            </Button>
          ) : (
            <Button size="xs" leftSection={<IconPlayerPlay size={14} />} onClick={run} disabled={sql.trim() === ''}>
              Run
            </Button>
          )}
          <span className="muted">
            <Kbd size="xs">Ctrl</Kbd> + <Kbd size="xs">Enter</Kbd>
          </span>
          <span role="status" className="muted">
            {query.isPending ? 'Running…' : ''}
          </span>
        </div>
      </Panel>
      {query.isError ? <SqlError sql={query.variables.sql} problem={toProblem(query.error)} editor={editor} /> : null}
      {query.data === undefined ? null : <SqlResult sql={query.variables?.sql ?? ''} result={query.data} />}
    </div>
  );
}
