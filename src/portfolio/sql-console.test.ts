import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditedSql } from './sql-console.ts';

test('the audit log keeps what was asked, without what may name a person', () => {
  assert.equal(
    auditedSql("SELECT a -- Ann's rows\nFROM t /* of Ann */ WHERE x = 'O''Hara' AND y = $q$Ann$q$ AND z > 5"),
    "SELECT a FROM t WHERE x = '?' AND y = '?' AND z > 5",
  );
});
