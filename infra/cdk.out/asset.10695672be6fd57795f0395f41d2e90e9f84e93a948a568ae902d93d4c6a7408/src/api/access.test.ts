import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCESS, mayCall, operationIds, permissionsOf } from './access.ts';
import { operations, ROLES } from './contract.ts';

test('every operation says who may call it, and everyone may see who they are', () => {
  assert.deepEqual(
    Object.keys(ACCESS).sort(),
    operationIds()
      .filter((id) => id !== 'signIn')
      .sort(),
  );
  for (const role of ROLES) assert.ok(mayCall(role, 'getSession') && mayCall(role, 'signOut'));
});

test('nobody both builds and approves a model, and nobody both approves and promotes one', () => {
  for (const role of ROLES) {
    const duties = [mayCall(role, 'startRun'), mayCall(role, 'approveModel'), mayCall(role, 'promoteModel')];
    assert.ok(duties.filter(Boolean).length <= 1, role);
  }
});

test('only underwriters decide, and nobody who works with models or data alone sees a single borrower', () => {
  assert.deepEqual(
    ROLES.filter((role) => mayCall(role, 'createApplication')),
    ['underwriter'],
  );
  for (const role of ['modeller', 'data_engineer'] as const) {
    assert.ok(!permissionsOf(role).some((id) => ['listApplicants', 'getApplicant', 'getDecision'].includes(id)));
  }
});

test('operations have one method and path each', () => {
  const routes = operationIds().map((id) => `${operations[id].method} ${operations[id].path}`);
  assert.equal(new Set(routes).size, routes.length);
});
