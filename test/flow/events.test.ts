// Walks events from the door to the online store and the raw zone on a real PostgreSQL: acknowledged, told from repeats, refused
// with a reason; consumed while the stream refuses, forgets and repeats, while consumers crash between effect and checkpoint, while
// shards split; dead letters redriven once. Not tested here: HTTP and the command line, speed and kills (bench/).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  dropFilesBeyond,
  type FaultPoint,
  ingestPortfolio,
  readEvents,
  redriveDeadLetters,
} from '../../src/ingestion/index.ts';
import { FaultyStream, openWarehouse } from '../../src/platform/index.ts';
import { BANK_FILES, generateBank } from '../../src/simulation/index.ts';
import { eventBook, eventDatabase, onlineFacts, payment, rawLines } from './support/event-book.ts';
import { startKinesis } from './support/kinesis.ts';

let opened: Awaited<ReturnType<typeof eventDatabase>>;
before(async () => {
  opened = await eventDatabase();
});
after(() => opened.stop());

const open = (faulty?: Parameters<typeof eventBook>[2]) => eventBook(opened.database, opened.home, faulty);
const submitted = (events: readonly unknown[]) => events.map((value) => ({ value }));

/** Uniform in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function drain(run: { round(flush: boolean): Promise<boolean> }, patience = 400): Promise<void> {
  let quiet = 0;
  for (let i = 0; i < patience && quiet < 3; i++) {
    const moved = await run.round(true).catch(() => true);
    quiet = moved ? 0 : quiet + 1;
  }
}

test('an event is accepted once, a repeat is a duplicate, and what is wrong is said with its field', async () => {
  const { intake, letters } = await open();
  const results = await intake.accept(
    submitted([
      payment('T1'),
      payment('T1'),
      payment('T2', { amount: 'lots' }),
      payment('T3', { category: 'bribes' }),
      { ...payment('T4'), knownAt: 'yesterday' },
      { ...payment('T5'), knownAt: '2031-01-01T00:00:00Z' },
      { source: 'nowhere', payload: {} },
      { source: 'transactions', payload: { booking_no: 'T6' } },
      { source: 'transactions', payload: {}, amount: 1 },
      'not an object',
    ]),
  );
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? `${result.field}: ${result.reason}` : result.status)),
    [
      'accepted',
      'duplicate',
      'amount: not an amount of money',
      'category: not one of the allowed values',
      'knownAt: not a time (YYYY-MM-DDThh:mm:ssZ)',
      'known_at: later than its arrival',
      results[6]!.status === 'rejected' ? `source: ${results[6]!.reason}` : '',
      'account_no: missing but required',
      'amount: not a field of an event',
      'null: not a JSON object',
    ],
  );
  assert.deepEqual(await intake.accept(submitted([payment('T1')])), [{ status: 'duplicate' }]);
  const { rows, total } = await letters.list(opened.database, { limit: 20, offset: 0 });
  assert.equal(total, 8);
  assert.ok(rows.every((letter) => letter.reason !== '' && letter.original !== '' && letter.stage === 'intake'));
});

test('what would have happened after it arrived, or at a time of no zone, is refused: a clock may be minutes ahead, not hours', async () => {
  const { intake, clock } = await open();
  const inMinutes = (minutes: number): string => new Date(clock.now().getTime() + minutes * 60_000).toISOString();
  const results = await intake.accept(
    submitted([
      payment('Z1', { booked_at: inMinutes(1) }),
      payment('Z2', { booked_at: inMinutes(60) }),
      payment('Z3', { booked_at: '2099-01-01T00:00:00Z' }),
      payment('Z4', { booked_at: '2024-05-01T10:00:00+25:00' }),
      payment('Z5', { booked_at: '2024-05-01T10:00:00+14:00' }),
    ]),
  );
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? `${result.field}: ${result.reason.slice(0, 12)}` : '')),
    ['', 'occurred_at: more than 5 ', 'occurred_at: more than 5 ', 'occurred_at: not a time (', ''],
  );
});

test('the id of a feed tells a repeat from another event', async () => {
  const { intake } = await open();
  const event = { ...payment('T1'), eventId: 'feed-1' };
  await intake.accept(submitted([event]));
  const [same, other] = await intake.accept(submitted([event, { ...payment('T2'), eventId: 'feed-1' }]));
  assert.equal(same!.status, 'duplicate');
  assert.deepEqual(other, {
    status: 'rejected',
    field: 'eventId',
    reason: 'the id of another event with other content',
  });
});

test('calls that come together share a commit and each gets its own answers', async () => {
  const { intake } = await open();
  const calls = Array.from({ length: 40 }, (_, i) =>
    intake.accept(submitted([payment(`T${i}`), payment(`T${i % 3}`), payment(`T${i}`, { amount: '' })])),
  );
  const results = await Promise.all(calls);
  const statuses = results.flat().map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 'accepted').length, 40);
  assert.equal(statuses.filter((status) => status === 'rejected').length, 40);
  assert.ok(results.every((answers) => answers.length === 3 && answers[2]!.status === 'rejected'));
});

test('more than can wait is told to wait', async () => {
  const { intake } = await open();
  const big = Array.from({ length: 5_000 }, (_, i) => payment(`T${i}`));
  const calls = [1, 2, 3].map(() => intake.accept(submitted(big)));
  const settled = await Promise.allSettled(calls);
  const refused = settled.filter((call) => call.status === 'rejected');
  assert.equal(refused.length, 1);
  assert.match(String(refused[0]!.reason), /too many events wait/);
});

for (const seed of [1, 2, 3]) {
  test(`nothing is lost or doubled on a faulty stream with crashing consumers, seed ${seed}`, async () => {
    const random = randomOf(seed);
    const faults = { refusedRecord: 0.05, throughputExceeded: 0.1, expiredIterator: 0.1, shortRead: 0.3 };
    const book = await open((stream) => new FaultyStream(stream, faults, random));
    const crash = async (_point: FaultPoint): Promise<void> => {
      if (random() < 0.15) throw new Error('crash');
    };
    const consumers = ['online', 'lake'] as const;
    const sent = Array.from({ length: 600 }, (_, i) => payment(`T${i}`, { amount: `-${i}.25` }));
    let runs = consumers.map((name) => book.runOf(name, 'a', crash));
    for (let at = 0; at < sent.length; at += 50) {
      for (;;) {
        const results = await book.intake.accept(submitted(sent.slice(at, at + 50))).catch(() => null);
        if (results) break;
      }
      if (at === 200) await book.stream.split((await book.stream.shards())[0]!.shardId);
      for (const run of runs) await run.round(random() < 0.3).catch(() => {});
      // a process that dies forgets everything but what is durable
      if (random() < 0.3) runs = consumers.map((name) => book.runOf(name, 'a', crash));
    }
    for (const name of consumers) await drain(book.runOf(name, 'a'));
    const facts = await onlineFacts(opened.database, book.portfolio.name);
    assert.equal(facts.length, sent.length);
    const cents = facts.map((line) => Number(/"amount_minor":(-?\d+)/.exec(line)![1]));
    assert.equal(
      cents.reduce((sum, value) => sum + value, 0),
      -sent.reduce((sum, _, i) => sum + i * 100 + 25, 0),
    );
    const lines = await rawLines(book.lake);
    assert.equal(lines.length, sent.length, 'each event is in one file');
    assert.equal(new Set(lines.map((line) => JSON.parse(line).payload.booking_no)).size, sent.length);
  });
}

const kinesis = await startKinesis();
after(async () => 'stop' in kinesis && kinesis.stop());

test('the same on Kinesis: each fact once, each event in the raw zone', {
  skip: 'reason' in kinesis && kinesis.reason,
}, async () => {
  if ('reason' in kinesis) return;
  const random = randomOf(5);
  const faults = { refusedRecord: 0.02, lostAcknowledgement: 0.02, expiredIterator: 0.1, shortRead: 0.3 };
  const engine = await kinesis.open(2);
  const book = await eventBook(
    opened.database,
    opened.home,
    (stream) => new FaultyStream(stream, faults, random),
    engine,
  );
  const sent = Array.from({ length: 200 }, (_, i) => payment(`T${i}`));
  for (let at = 0; at < sent.length; at += 50) {
    while ((await book.intake.accept(submitted(sent.slice(at, at + 50))).catch(() => null)) === null);
    const crash = async (): Promise<void> => {
      if (random() < 0.3) throw new Error('crash');
    };
    for (const name of ['online', 'lake'] as const)
      await book
        .runOf(name, 'a', crash)
        .round(true)
        .catch(() => {});
  }
  for (const name of ['online', 'lake'] as const) await drain(book.runOf(name, 'a'));
  assert.equal((await onlineFacts(opened.database, book.portfolio.name)).length, sent.length);
  const lines = await rawLines(book.lake);
  assert.equal(new Set(lines.map((line) => JSON.parse(line).payload.booking_no)).size, sent.length);
});

test('a lost acknowledgement makes a repeat on the stream, and one fact', async () => {
  const random = randomOf(7);
  let faulty = true;
  const book = await open((stream) => new FaultyStream(stream, { lostAcknowledgement: faulty ? 0.2 : 0 }, random));
  const sent = submitted(Array.from({ length: 100 }, (_, i) => payment(`T${i}`)));
  while ((await book.intake.accept(sent).catch(() => null)) === null);
  faulty = false;
  await drain(book.runOf('online', 'a'));
  assert.equal((await onlineFacts(opened.database, book.portfolio.name)).length, 100);
});

test('a shard has one reader: who was taken over cannot commit', async () => {
  const book = await open();
  await book.intake.accept(submitted([payment('T1')]));
  let takenOver = false;
  const slow = book.runOf('online', 'slow', async (point) => {
    if (point !== 'before_effect' || takenOver) return;
    takenOver = true;
    await opened.database.query("UPDATE stream_positions SET leased_until = '-infinity' WHERE stream = $1", [
      book.portfolio.name,
    ]);
    await drain(book.runOf('online', 'quick'));
  });
  await slow.round(true);
  assert.ok(takenOver);
  const [row] = await opened.database.query<{ records: number; owners: number }>(
    'SELECT sum(records)::bigint AS records, count(DISTINCT owner) AS owners FROM stream_positions WHERE stream = $1',
    [book.portfolio.name],
  );
  assert.deepEqual(row, { records: 1, owners: 1 });
});

test('the same key with other content: one winner whatever the order, the loser is a dead letter', async () => {
  const early = payment('T1', { known_at: '2024-03-02 12:00:00', amount: '-1.00' });
  const late = payment('T1', { known_at: '2024-03-03 12:00:00', amount: '-2.00' });
  const states: string[][] = [];
  for (const order of [
    [early, late, early],
    [late, early, late],
  ]) {
    const book = await open();
    for (const event of order) await book.intake.accept(submitted([event]));
    await drain(book.runOf('online', 'a'));
    states.push(await onlineFacts(opened.database, book.portfolio.name));
    const { rows } = await book.letters.list(opened.database, { limit: 5, offset: 0 });
    assert.equal(rows.length, 1);
    assert.deepEqual(
      [rows[0]!.stage, rows[0]!.field, JSON.parse(rows[0]!.original).payload.amount_minor],
      ['consumer', 'transaction_id', -200],
    );
  }
  assert.deepEqual(states[0], states[1]);
  assert.match(states[0]![0]!, /"amount_minor":-100/);
});

test('a record that the database refuses for what it holds becomes a dead letter alone, and redrive applies it once', async () => {
  const book = await open();
  const { database } = opened;
  await database.query("ALTER TABLE online_tail ADD CONSTRAINT planted CHECK (content NOT LIKE '%planted%') NOT VALID");
  const sent = Array.from({ length: 60 }, (_, i) =>
    payment(`T${i}`, i % 23 === 5 ? { counterparty: `planted ${i}` } : {}),
  );
  await book.intake.accept(submitted(sent));
  await drain(book.runOf('online', 'a'));
  const { rows } = await book.letters.list(database, { limit: 9, offset: 0 });
  assert.deepEqual(rows.map(({ original }) => JSON.parse(original).payload.booking_no).sort(), ['T28', 'T5', 'T51']);
  for (const { stage, source, field, reason } of rows) {
    assert.deepEqual([stage, source, field], ['consumer', 'transactions', null]);
    assert.match(reason, /^the database refuses it \(23514\): .*"planted"/);
  }
  assert.equal((await onlineFacts(database, book.portfolio.name)).length, 57);
  const failed = await database.query(
    'SELECT last_error FROM stream_positions WHERE stream = $1 AND last_error IS NOT NULL',
    [book.portfolio.name],
  );
  assert.deepEqual(failed, [], 'no shard stands still');

  await database.query('ALTER TABLE online_tail DROP CONSTRAINT planted');
  const parts = { database, letters: book.letters, intake: book.intake };
  assert.deepEqual(await redriveDeadLetters(parts), { accepted: 3, duplicates: 0, refused: 0 });
  assert.deepEqual(await redriveDeadLetters(parts), { accepted: 0, duplicates: 0, refused: 0 });
  await drain(book.runOf('online', 'a'));
  assert.equal((await onlineFacts(database, book.portfolio.name)).length, 60);
});

test('a failure that may pass makes no dead letter: the shard waits, and goes on', async () => {
  const book = await open();
  await book.intake.accept(submitted([payment('T1')]));
  let isDown = true;
  const down = async (point: FaultPoint): Promise<void> => {
    if (point === 'after_effect' && isDown) throw Object.assign(new Error('shutting down'), { code: '57P01' });
  };
  const run = book.runOf('online', 'a', down);
  await assert.rejects(run.round(true), /shutting down/);
  assert.equal(await book.letters.waiting(opened.database), 0);
  isDown = false;
  await drain(run);
  assert.equal((await onlineFacts(opened.database, book.portfolio.name)).length, 1);
  assert.equal(await book.letters.waiting(opened.database), 0);
});

test('files beyond what a restored database knows are dropped, and each event is in one file', async () => {
  const book = await open();
  const { database } = opened;
  const send = (ids: readonly string[]) => book.intake.accept(submitted(ids.map((id) => payment(id))));
  await send(['T1', 'T2', 'T3', 'T4', 'T5', 'T6']);
  await drain(book.runOf('lake', 'a'));
  const kept = await book.lake.list('raw/stream');
  const positions = await database.query<{ shard_id: string; checkpoint: string | null }>(
    "SELECT shard_id, checkpoint FROM stream_positions WHERE stream = $1 AND consumer = 'lake'",
    [book.portfolio.name],
  );
  assert.equal(await dropFilesBeyond(database, book.lake), 0);
  for (const ids of [
    ['U1', 'U2', 'U3'],
    ['U4', 'U5', 'U6', 'U7'],
  ]) {
    await send(ids);
    await drain(book.runOf('lake', 'a'));
  }
  // the database is that of before
  for (const { shard_id: shardId, checkpoint } of positions) {
    await database.query(
      "UPDATE stream_positions SET checkpoint = $3 WHERE stream = $1 AND shard_id = $2 AND consumer = 'lake'",
      [book.portfolio.name, shardId, checkpoint],
    );
  }
  assert.ok((await dropFilesBeyond(database, book.lake)) > 0);
  assert.deepEqual(await book.lake.list('raw/stream'), kept);
  await drain(book.runOf('lake', 'a'));
  const found = (await rawLines(book.lake)).map((line) => JSON.parse(line).payload.booking_no);
  assert.equal(found.length, 13);
  assert.equal(new Set(found).size, 13);
});

test('redrive applies what can be taken now, each once', async () => {
  const book = await open();
  await book.intake.accept(
    submitted([payment('T1', { category: '' }), payment('T2', { category: '' }), payment('T3', { amount: 'x' })]),
  );
  // as if the mapper had been mended: the originals now hold what was missing
  await opened.database.query(
    `UPDATE dead_letters SET original = convert_to(replace(convert_from(original, 'UTF8'), '"category":""', '"category":"dining"'), 'UTF8')
     WHERE portfolio = $1`,
    [book.portfolio.name],
  );
  const parts = { database: opened.database, letters: book.letters, intake: book.intake };
  const both = await Promise.all([redriveDeadLetters(parts), redriveDeadLetters(parts)]);
  assert.equal(
    both.reduce((sum, { accepted }) => sum + accepted, 0),
    2,
  );
  assert.deepEqual(await redriveDeadLetters(parts), { accepted: 0, duplicates: 0, refused: 1 });
  await drain(book.runOf('online', 'a'));
  assert.equal((await onlineFacts(opened.database, book.portfolio.name)).length, 2);
  assert.equal(await book.letters.waiting(opened.database), 1);
});

test('the next run of the pipeline has what was streamed: facts of the files count once, new ones are added', async () => {
  const book = await open();
  const dataDirectory = join(opened.home, 'bank');
  await generateBank({ directory: dataDirectory, seed: 3, borrowers: 25 });
  const warehouse = await openWarehouse({ threads: 1 });
  const ingest = () =>
    ingestPortfolio({ portfolio: book.portfolio, dataDirectory, lake: book.lake, warehouse, clock: book.clock });
  const before = (await ingest()).funnel.tables.find(({ table }) => table === 'transactions')!.rows;

  const definition = book.portfolio.sources.find(({ name }) => name === 'transactions')!;
  const path = join(dataDirectory, BANK_FILES.transactions.file);
  const first = await readEvents({ path, source: 'transactions', definition, batch: 200 }).next();
  const again = first.done ? [] : first.value;
  const streamed = (await book.intake.accept(again)).filter(({ status }) => status === 'accepted').length;
  const salary = {
    source: 'plaid',
    borrowerId: 'C1',
    payload: {
      added: [
        {
          transaction_id: 'P1',
          account_id: 'X',
          amount: -2500.1,
          iso_currency_code: 'EUR',
          date: '2025-02-27',
          name: 'pay',
        },
        {
          transaction_id: 'P2',
          account_id: 'X',
          amount: 9.99,
          iso_currency_code: 'EUR',
          date: '2025-02-27',
          pending: true,
        },
      ],
    },
  };
  await book.intake.accept(submitted([payment('NEW-1'), salary]));
  await drain(book.runOf('lake', 'a'));

  const { funnel } = await ingest();
  const rows = funnel.tables.find(({ table }) => table === 'transactions')!.rows;
  const stream = funnel.sources.at(-1)!;
  const table = stream.tables.find((candidate) => candidate.table === 'transactions')!;
  assert.ok(streamed > 150);
  assert.deepEqual(
    [rows, stream.source, table.duplicates, table.written, stream.excluded],
    [before + 2, 'stream', streamed, 2, 1],
  );
  assert.deepEqual(stream.excludedBy, { 'pending, not booked yet': 1 });
  const [found] = await warehouse.rows<{ amount_minor: number; known: string }>(
    `SELECT amount_minor, CAST(known_at AS VARCHAR) AS known FROM read_parquet('${book.lake.path('processed/transactions')}/*/*.parquet', hive_partitioning = false)
     WHERE transaction_id = 'P1'`,
  );
  assert.deepEqual(found, { amount_minor: 250_010, known: '2025-03-01 12:00:00' });
  await warehouse.close();
});
