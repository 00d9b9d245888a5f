import { DECISIONS_REGISTER, replayRecord } from '../../src/decisions/index.ts';
import { rawFileLines, STREAM_PREFIX } from '../../src/ingestion/index.ts';
import { type OpenDatabase, openSigner, verifyAudit } from '../../src/platform/index.ts';
import { HISTORY, type Sent } from './feed.ts';
import type { World } from './world.ts';

const MICROS_PER_MS = 1000;
const CONTEXT_CHARS = 30;

/** Everything that does not hold after the world has settled, in words; nothing is what should come. */
export async function brokenIn(world: World, connection: OpenDatabase['connection']): Promise<string[]> {
  return [
    ...(await factsAgainst(world)),
    ...(await linesAgainst(world)),
    ...(await lettersAgainst(world)),
    ...(await positionsAgainst(world)),
    ...(await decisionsAgainst(world)),
    ...(await recordAgainst(world, connection)),
  ];
}

/** Where two values part, in words. */
function unlike(what: string, found: unknown, expected: unknown): string[] {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left === right) return [];
  const at = [...left].findIndex((character, i) => character !== right[i]);
  const from = Math.max(0, at < 0 ? left.length - CONTEXT_CHARS : at - CONTEXT_CHARS);
  const near = (text: string): string => text.slice(from, from + 4 * CONTEXT_CHARS);
  return [`${what}: ${near(left)} and not ${near(right)}`];
}

const taken = ({ sent }: World): Sent[] => sent.filter(({ isPoison }) => !isPoison);

/** Of versions of one key the one known first. */
function winners(world: World): Map<string, Sent> {
  const byKey = new Map<string, Sent>();
  for (const event of taken(world)) {
    const other = byKey.get(event.key);
    if (!other || (event.knownAt ?? '') < (other.knownAt ?? '')) byKey.set(event.key, event);
  }
  return byKey;
}

/** Nothing lost, nothing doubled, each key with what counts of it: number and sum of every borrower. */
async function factsAgainst(world: World): Promise<string[]> {
  const { database, portfolio } = world.ground;
  const rows = await database.query<{ key: string; cents: number }>(
    `SELECT fact_key AS key, (content::jsonb ->> 'amount_minor')::bigint AS cents FROM online_tail JOIN online_tables t USING (table_id)
     WHERE t.portfolio = $1 ORDER BY fact_key COLLATE "C"`,
    [portfolio.name],
  );
  const expected = [...winners(world).values()].map(({ key, cents }) => [JSON.stringify([key]), -cents] as const);
  const sorted = expected.sort(([a], [b]) => (a < b ? -1 : 1));
  return unlike(
    'facts of the online store',
    rows.map(({ key, cents }) => [key, Number(cents)]),
    sorted,
  );
}

type Line = {
  source: string;
  arrivedAt: string;
  knownAt?: string;
  payload: { transaction_id: string; amount: number };
};

/** Each event in one file once, and none stamped before the one in front of it. */
async function linesAgainst(world: World): Promise<string[]> {
  const { lake, portfolio } = world.ground;
  const lines: Line[] = [];
  for (const key of await lake.list(`${STREAM_PREFIX}/${portfolio.name}`)) {
    for (const line of rawFileLines(await lake.get(key), key)) lines.push(JSON.parse(line));
  }
  const nameOf = (key: string, cents: number, known = ''): string => `${key} ${cents} ${known}`;
  const found = lines
    .filter(({ source }) => source === 'plaid')
    .map(({ payload, knownAt }) => nameOf(payload.transaction_id, Math.round(payload.amount * 100), knownAt));
  const expected = taken(world).map(({ key, cents, knownAt }) => nameOf(key, cents, knownAt));
  const back = lines.findIndex(({ arrivedAt }, i) => i > 0 && arrivedAt < lines[i - 1]!.arrivedAt);
  return [
    ...unlike('lines of the raw zone', found.sort(), expected.sort()),
    ...(back < 0 ? [] : [`line ${back} of the raw zone arrived before the one in front of it`]),
  ];
}

/** One for each event that nobody could read, one for each version that lost. */
async function lettersAgainst(world: World): Promise<string[]> {
  const { database, portfolio } = world.ground;
  const rows = await database.query<{ stage: string; n: number }>(
    "SELECT stage, count(*) AS n FROM dead_letters WHERE portfolio = $1 AND reason <> '' GROUP BY 1 ORDER BY 1",
    [portfolio.name],
  );
  const history = taken(world).filter(({ borrowerId }) => borrowerId === HISTORY);
  const lost = history.length - new Set(history.map(({ key }) => key)).size;
  const expected = [
    { stage: 'consumer', n: lost },
    { stage: 'intake', n: world.sent.length - taken(world).length },
  ];
  return unlike(
    'dead letters',
    rows.map(({ stage, n }) => ({ stage, n: Number(n) })),
    expected.filter(({ n }) => n > 0),
  );
}

/** Every record of the stream was counted once by each consumer. */
async function positionsAgainst(world: World): Promise<string[]> {
  const rows = await world.ground.database.query<{ consumer: string; behind: number }>(
    `SELECT consumer, sum(s.next_sequence - 1 - p.records)::bigint AS behind FROM stream_positions p JOIN stream_shards s USING (stream, shard_id)
     WHERE stream = $1 GROUP BY 1 ORDER BY 1`,
    [world.ground.portfolio.name],
  );
  return unlike(
    'records not counted once',
    rows.filter(({ behind }) => Number(behind) !== 0),
    [],
  );
}

/** One decision for each key, with the bytes that were answered, made from what was applied before it, and the same when made again. */
async function decisionsAgainst(world: World): Promise<string[]> {
  const { store, replayer } = world.process;
  const records = (await store.since(0, 100_000)).map(({ record }) => record!);
  const byKey = new Map(records.map((record) => [record.body.idempotencyKey, record]));
  const broken = unlike('decisions', records.length, world.applications.length);
  for (const { request, response, wasBehind } of world.applications) {
    const record = byKey.get(request.idempotencyKey ?? null);
    if (!record) {
      broken.push(`no decision for ${request.idempotencyKey}`);
      continue;
    }
    broken.push(...unlike('the answer of a decision', response, record.response));
    const { causes, identical } = await replayRecord(replayer, record);
    const allowed = wasBehind ? causes.filter((cause) => cause !== 'data') : causes;
    broken.push(...unlike(`decision ${record.body.decisionId} made again`, [identical, allowed], [true, []]));
  }
  return [
    ...broken,
    ...(await sightOf(
      world,
      records.map(({ body }) => body),
    )),
  ];
}

type Seen = {
  readonly decisionId: string;
  readonly asOf: string;
  readonly features: Readonly<Record<string, unknown>>;
  readonly application: { readonly borrowerId: string };
};

/** By the database's own reckoning: how many facts had happened and were known before each decision that waited for nothing. */
async function sightOf(world: World, bodies: readonly Seen[]): Promise<string[]> {
  const keyed = new Map(world.applications.map((one) => [JSON.parse(one.response ?? '{}').decisionId, one.wasBehind]));
  const wanted = bodies.filter(({ decisionId }) => keyed.get(decisionId) === false);
  const rows = await world.ground.database.query<{ n: number }>(
    `SELECT (SELECT count(*) FROM online_tail f JOIN online_tables t USING (table_id) WHERE t.portfolio = $1 AND f.borrower_id = d.borrower
       AND greatest(f.known_us, (f.content::jsonb ->> 'occurred_at')::bigint) < d.micros) AS n
     FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS d (borrower, micros, nth) ORDER BY nth`,
    [
      world.ground.portfolio.name,
      wanted.map(({ application }) => application.borrowerId),
      wanted.map(({ asOf }) => Date.parse(asOf) * MICROS_PER_MS),
    ],
  );
  return wanted.flatMap(({ decisionId, features }, i) =>
    unlike(`events seen by ${decisionId}`, features['past_arrears'], Number(rows[i]!.n)),
  );
}

async function recordAgainst(world: World, connection: OpenDatabase['connection']): Promise<string[]> {
  const { database, home, portfolio } = world.ground;
  const signer = openSigner(home);
  const { findings } = await verifyAudit({
    ...{ database, connection, home, portfolio: portfolio.name, registers: [DECISIONS_REGISTER], threads: 1 },
    verify: (bytes, signed) => signer.verify(bytes, signed),
  });
  return unlike('the audited record', findings, []);
}
