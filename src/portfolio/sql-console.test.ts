import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditedSql } from './sql-console.ts';

test('the audit log keeps what was asked, without what may name a person', () => {
  assert.equal(
    auditedSql("SELECT a -- Ann's rows\nFROM t /* of Ann */ WHERE x = 'O''Hara' AND y = $q$Ann$q$ AND z > 5"),
    "SELECT a FROM t WHERE x = '?' AND y = '?' AND z > 5",
  );
});

test('the audit log keeps no name that a text, a comment or a quoted name holds, and all that runs', () => {
  const cases = {
    "SELECT E'it\\'s Ann' x": "SELECT '?' x",
    'SELECT 1 /* a /* b */ Ann */ + 2': 'SELECT 1 + 2',
    'SELECT 1 AS "Ann Smith", "pd"': 'SELECT 1 AS "?", "pd"',
    'SELECT "a\'b" , \'Ann\' , "c\'d"': 'SELECT "?" , \'?\' , "?"',
    "SELECT 'Ann": "SELECT '?'",
    'SELECT 1 -- Ann\r+ pd FROM scores': 'SELECT 1 + pd FROM scores',
    'SELECT $x$Ann$x$, $$Ann': "SELECT '?', '?'",
    'SELECT 5 AS a$q$, pd, 6 AS b$q$': 'SELECT 5 AS a$q$, pd, 6 AS b$q$',
    'SELECT 1 /* Ann': 'SELECT 1',
    "SELECT 1 - -2, x'41'": "SELECT 1 - -2, x'?'",
  };
  for (const [sql, kept] of Object.entries(cases)) assert.equal(auditedSql(sql), kept, sql);
});
