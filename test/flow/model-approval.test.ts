/**
 * Executions of the pipeline that wait elsewhere for a decision on a model version, on a real PostgreSQL with the real registry: the first
 * version is answered at once, a later one waits with heartbeats until a second person has promoted it, a rejected one is answered and
 * can never be promoted, a later run takes the place of an earlier one, and a state that gave up is noted. Told here is a list, not Step
 * Functions: test/aws/emulator.test.ts has that.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { AssayError } from '../../src/domain/index.ts';
import { type ApprovalParts, answerApprovals, requestApproval } from '../../src/entrypoints/cloud/approval.ts';
import {
  createLog,
  loadConfig,
  ModelApprovals,
  ModelRegistry,
  migrate,
  type OpenDatabase,
  openDatabase,
  REPOSITORY_ROOT,
  type TaskOutcome,
} from '../../src/platform/index.ts';
import { manifestOf } from './support/bare-manifest.ts';

const BOOK = 'book';
const clock = { now: () => new Date() };
let home = '';
let opened: OpenDatabase;
let registry: ModelRegistry;
let approvals: ModelApprovals;
let told: { token: string; outcome: TaskOutcome }[] = [];
const gone = new Set<string>();

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-approval-'));
  const config = loadConfig({ ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' }, home);
  opened = await openDatabase(config, { log: createLog(config) });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  registry = new ModelRegistry({ database: opened.database, directory: join(home, 'models'), clock });
  approvals = new ModelApprovals(opened.database, clock);
});
after(async () => {
  await opened?.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => {
  told = [];
});

const parts = (): ApprovalParts => ({
  registry,
  approvals,
  lake: { objectUri: async (key) => `s3://lake/${key}` },
  portfolio: BOOK,
  hasEndpoint: true,
  report: async (token, outcome) => {
    told.push({ token, outcome });
    return !gone.has(token);
  },
});
const register = async (modelVersion: string): Promise<void> => {
  const signature = Buffer.from('{"keyId":"0123456789abcdef"}');
  await registry.register(manifestOf(modelVersion, BOOK, clock.now()), { 'signature.json': signature }, 'pipeline');
};
const ask = (executionId: string, modelVersion: string): Promise<void> =>
  requestApproval(parts(), { executionId, taskToken: `token-${executionId}`, champion: { chosen: modelVersion } });
const outputs = () =>
  told.flatMap(({ token, outcome }) => (outcome.kind === 'succeeded' ? [[token, outcome.output] as const] : []));

test('the first version, which set-up made the champion, is answered at once, with what the endpoint needs', async () => {
  await register('book-one');
  await registry.promoteByPipeline('book-one', 'first');
  await ask('night-1', 'book-one');
  const [[token, output] = []] = outputs();
  assert.equal(token, 'token-night-1');
  assert.match(JSON.stringify(output), /"decision":"approved".*exports\/book-one\/model.tar.gz.*0123456789abcdef/);
  await ask('night-2', 'book-one');
  assert.match(JSON.stringify(outputs()[1]), /superseded/, 'the endpoint has it already');
});

test('a later version waits, with heartbeats, until it was approved and promoted', async () => {
  await register('book-two');
  await ask('night-3', 'book-two');
  assert.equal(told.length, 0);
  assert.deepEqual(await answerApprovals(parts()), { answered: 0, waiting: 1 });
  await registry.approve('book-two', 'validator', 'checked');
  assert.deepEqual(await answerApprovals(parts()), { answered: 0, waiting: 1 });
  assert.ok(told.every(({ outcome }) => outcome.kind === 'waiting'));
  await registry.promote('book-two', 'manager', 'better');
  assert.deepEqual(await answerApprovals(parts()), { answered: 1, waiting: 0 });
  assert.match(JSON.stringify(outputs()), /token-night-3.*"decision":"approved","modelVersion":"book-two"/);
  assert.deepEqual(await answerApprovals(parts()), { answered: 0, waiting: 0 });
});

test('a rejected version is answered, stays rejected, and the champion stays', async () => {
  await register('book-three');
  await ask('night-4', 'book-three');
  await registry.reject('book-three', 'validator', 'drifts');
  await answerApprovals(parts());
  assert.match(JSON.stringify(outputs()), /"decision":"rejected","modelVersion":"book-two"/);
  const isConflict = (error: unknown): boolean => error instanceof AssayError && error.code === 'conflict';
  await assert.rejects(registry.promote('book-three', 'manager', 'anyway'), isConflict);
  await registry.promoteByPipeline('book-three', 'again');
  assert.equal((await registry.champion(BOOK))?.modelVersion, 'book-two');
  await assert.rejects(registry.reject('book-two', 'validator', 'in use'), isConflict);
  const history = await registry.history('book-three');
  assert.deepEqual(
    history.map(({ event, actor, note }) => [event, actor, note]),
    [
      ['registered', 'pipeline', null],
      ['rejected', 'validator', 'drifts'],
    ],
  );
});

test('a later run takes the place of one that waits, and a state that gave up is noted', async () => {
  await register('book-four');
  await ask('night-5', 'book-four');
  await ask('night-6', 'book-four');
  assert.match(JSON.stringify(outputs()), /token-night-5.*superseded/);
  gone.add('token-night-6');
  assert.deepEqual(await answerApprovals(parts()), { answered: 0, waiting: 0 });
  const rows = await opened.database.query(
    `SELECT answer FROM model_approvals WHERE execution_id IN ('night-5', 'night-6') ORDER BY execution_id`,
  );
  assert.deepEqual(rows, [{ answer: 'superseded' }, { answer: 'lapsed' }]);
});
