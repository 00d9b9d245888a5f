import { createHash } from 'node:crypto';
import type { Consumer } from '../../src/ingestion/index.ts';
import type { Database } from '../../src/platform/index.ts';
import { type Mutation, replacing } from './collaborators.ts';

type Batch = Parameters<Consumer['apply']>[0];
type Values = readonly unknown[];

function withPositions(
  which: string,
  consumer: Consumer,
  change: (positions: Batch['positions']) => Partial<Batch['positions']>,
): Consumer {
  if (consumer.name !== which) return consumer;
  const changed = ({ positions }: Batch): Batch['positions'] => replacing(positions, change(positions));
  return { ...consumer, apply: (batch) => consumer.apply({ ...batch, positions: changed(batch) }) };
}

/** A database that puts other values into one prepared statement. */
const altering = (database: Database, statement: string, change: (values: Values) => Values): Database => ({
  ...database,
  prepared: (name, text, values = []) => database.prepared(name, text, name === statement ? change(values) : values),
  write: (name, text, values = []) => database.write(name, text, name === statement ? change(values) : values),
  transaction: (work) => database.transaction((inside) => work(altering(inside, statement, change))),
});

const uuidOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
let claims = 0;
let files = 0;

/** Mistakes that a system of this kind is known for, each in the place of one right part. */
export const BUGS: readonly Mutation[] = [
  {
    name: 'the checkpoint is durable before the effect',
    consumer: (consumer, database) =>
      withPositions('online', consumer, (positions) => ({
        advance: (_, ...rest) => positions.advance(database, ...rest),
      })),
  },
  {
    name: 'a repeat is taken for a new event',
    intakeDatabase: (database) =>
      altering(database, 'receipts_claim', ([identities, ...rest]) => {
        const count = String(identities).split(',').length;
        return [`{${Array.from({ length: count }, () => uuidOf(`claim ${claims++}`)).join(',')}}`, ...rest];
      }),
  },
  {
    name: 'a fact is forgotten now and then',
    sink: (sink) => ({
      apply: async (transaction, facts) => {
        const kept = facts.filter(({ key }) => !key.endsWith('7"]'));
        const outcomes = await sink.apply(transaction, kept);
        return facts.map((fact) => outcomes[kept.indexOf(fact)] ?? { kind: 'accepted' });
      },
    }),
  },
  {
    name: 'the version that comes last counts',
    sink: (sink) => ({
      apply: async (transaction, facts) => {
        const keys = facts.map(({ key }) => key);
        await transaction.query('DELETE FROM online_tail WHERE fact_key = ANY($1)', [keys]);
        return sink.apply(transaction, facts);
      },
    }),
  },
  {
    name: 'an event is acknowledged before it is durable',
    accept: (accept, submissions) =>
      accept(submissions).catch(() =>
        submissions.map(({ value }) =>
          JSON.stringify(value).includes('no time at all')
            ? { status: 'rejected', field: null, reason: '' }
            : { status: 'accepted', facts: 1, skipped: [] },
        ),
      ),
  },
  {
    name: 'a file begun before a crash is begun anew, longer',
    consumer: (consumer) => withPositions('lake', consumer, () => ({ claim: async () => {} })),
  },
  {
    name: 'who was taken over still commits',
    consumer: (consumer) =>
      withPositions('online', consumer, () => ({
        advance: async (transaction, { shardId }, to, { records }) => {
          await transaction.query(
            `UPDATE stream_positions SET checkpoint = $2, records = records + $3 WHERE consumer = 'online' AND shard_id = $1
               AND stream = (SELECT stream FROM stream_positions ORDER BY moved_at DESC NULLS LAST LIMIT 1)`,
            [shardId, to, records],
          );
        },
      })),
  },
  {
    name: 'half a file is taken for a whole',
    lake: (lake) =>
      replacing(lake, {
        put: (key, content) => {
          const bytes = Buffer.from(content);
          return lake.put(key, ++files % 3 === 0 ? bytes.subarray(0, bytes.length / 2) : bytes);
        },
      }),
  },
  { name: 'dead letters are thrown away', letters: (letters) => replacing(letters, { keep: async () => {} }) },
  {
    name: 'a key that was decided is decided again',
    store: (store) =>
      replacing(store, {
        claim: async (...request) => {
          const claim = await store.claim(...request);
          return claim.kind === 'done' ? { kind: 'claimed', lease: '' } : claim;
        },
        append: ({ claim, ...entry }) => store.append(claim && claim.lease !== '' ? { ...entry, claim } : entry),
      }),
  },
  {
    name: 'an answer is written anew when it is given again',
    store: (store) =>
      replacing(store, {
        claim: async (...request) => {
          const claim = await store.claim(...request);
          return claim.kind === 'done' ? { ...claim, response: claim.response.replace('":', '": ') } : claim;
        },
      }),
  },
  {
    name: 'what was read of a borrower once is read no more',
    features: (features) => {
      const known = new Map<string, ReturnType<typeof features.featuresFor>>();
      return replacing(features, {
        featuresFor: (application, now) => {
          const found = known.get(application.borrowerId) ?? features.featuresFor(application, now);
          known.set(application.borrowerId, found);
          return found;
        },
      });
    },
  },
  {
    name: 'a decision says that it was made an hour before',
    features: (features) =>
      replacing(features, {
        featuresFor: async (application, now) => {
          const known = await features.featuresFor(application, now);
          return { ...known, asOf: new Date(known.asOf.getTime() - 3_600_000) };
        },
      }),
  },
  {
    name: 'a clock that was set back is believed',
    intakeDatabase: (database) => altering(database, 'book_moment', () => ['no such book']),
  },
];
