import { type DataClass, strictestDataClass, type TableSchema } from '../domain/index.ts';
import { checkCatalog, FEATURES_KEY, tablesOf } from '../features/index.ts';
import type { ConsoleView } from '../platform/index.ts';
import { type BookContext, OUT_OF_FOLD_KEY, SCORES_KEY } from './book-views.ts';
import { MARTS, martKey } from './build-marts.ts';
import { identifier, sqlText } from './sql.ts';

/** A table of the SQL console: what may be asked of it, and how its view is made. */
export type SqlTable = {
  readonly schema: 'processed' | 'modeled' | 'marts';
  readonly name: string;
  readonly description: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly pseudonym: boolean }[];
  /** Columns of the files that the console leaves out. */
  readonly hidden: readonly string[];
  readonly view: ConsoleView;
};

/** Of whom a row tells: nobody sees these in the console, whatever the role. */
const PERSONAL: ReadonlySet<DataClass> = new Set(['demographic', 'protected', 'social_network']);
/** Free text that may name a person, and the row of the source file a person's data came in. */
const HIDDEN_COLUMNS: ReadonlySet<string> = new Set(['counterparty', 'source_row']);
/** Beside its features, what a table of features has. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['as_of', 'defaulted', 'fold', 'split']);
/** One row an application and trait: says of single persons what the data classes hide. */
const HIDDEN_MARTS: ReadonlySet<string> = new Set(['strategy_members']);
/** Keys that are of no person. */
const PLAIN_KEYS: ReadonlySet<string> = new Set(['district_id']);
const PSEUDONYM_CHARS = 16;

type Source = Pick<SqlTable, 'schema' | 'name' | 'description'> & {
  readonly keys: readonly string[];
  readonly shows: (column: string) => boolean;
};

/**
 * Tables of the processed and modeled zones and the marts, each without columns of class demographic, protected or social network and
 * without free text; ids of persons and of what is theirs, and what reaches them, are replaced by pseudonyms under `salt`, the same in every table, so that joins
 * work and nobody is named.
 */
export async function sqlTables(context: BookContext, salt: string): Promise<SqlTable[]> {
  const tables: SqlTable[] = [];
  for (const source of await sourcesOf(context)) {
    if (source.keys.length > 0) tables.push(await tableOf(context, source, salt));
  }
  return tables;
}

async function sourcesOf({ lake, portfolio }: BookContext): Promise<Source[]> {
  const present = async (key: string): Promise<string[]> => ((await lake.exists(key)) ? [key] : []);
  const processed = tablesOf(portfolio).map(async (schema) => ({
    schema: 'processed' as const,
    name: schema.name,
    description: schema.description,
    keys: (await lake.list(`processed/${schema.name}`)).filter((key) => key.endsWith('.parquet')),
    shows: shownOf(schema),
  }));
  const isFeature = shownFeatures({ portfolio });
  const modeled = MODELED.map(async ({ key, ...named }) => ({
    ...named,
    schema: 'modeled' as const,
    keys: await present(key),
    shows: named.features ? isFeature : () => true,
  }));
  const marts = MARTS.filter((name) => !HIDDEN_MARTS.has(name)).map(async (name) => ({
    schema: 'marts' as const,
    name,
    description: `Behind the pages: ${name.replaceAll('_', ' ')}.`,
    keys: await present(martKey(name)),
    shows: () => true,
  }));
  return Promise.all([...processed, ...modeled, ...marts]);
}

const MODELED = [
  {
    name: 'features',
    description: 'Every feature of every loan application, as of it.',
    key: FEATURES_KEY,
    features: true,
  },
  {
    name: 'training_snapshot',
    description: 'Labelled applications with features, folds and split.',
    key: 'modeled/training/snapshot.parquet',
    features: true,
  },
  { name: 'out_of_fold', description: 'Predictions of folds not trained on.', key: OUT_OF_FOLD_KEY, features: false },
  { name: 'scores', description: 'The whole book scored by the champion.', key: SCORES_KEY, features: false },
];

/** A column that the schema does not know is not shown. */
function shownOf(schema: TableSchema): (column: string) => boolean {
  const classes = new Map(schema.columns.map(({ name, dataClass }) => [name, dataClass]));
  return (column) => {
    const dataClass = classes.get(column);
    return dataClass !== undefined && !PERSONAL.has(dataClass);
  };
}

function shownFeatures({ portfolio }: Pick<BookContext, 'portfolio'>): (column: string) => boolean {
  const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
  const shown = features.filter(({ dataClass }) => !PERSONAL.has(strictestDataClass([dataClass])));
  const names = new Set(shown.map(({ definition }) => definition.name));
  return (column) => names.has(column) || BOOKKEEPING.has(column) || isPersonKey(column);
}

/** What reaches a person, whatever class it was declared: shown as a pseudonym, so that what is shared can still be found. */
const CONTACT = /(^|_)(e?mail|phone|mobile|telephone|fax|address|street|iban|passport|ssn|ip)(_|$)/;

type Described = { readonly column_name: string; readonly column_type: string };

const isPersonKey = (column: string): boolean => column.endsWith('_id') && !PLAIN_KEYS.has(column);
const isPseudonym = ({ column_name: name, column_type: type }: Described): boolean =>
  isPersonKey(name) || (type === 'VARCHAR' && CONTACT.test(name));

async function tableOf({ warehouse, lake }: BookContext, source: Source, salt: string): Promise<SqlTable> {
  const files = source.keys.map((key) => lake.path(key));
  const described = await warehouse.rows<Described>(
    `DESCRIBE SELECT * FROM read_parquet(${sqlText(files[0] ?? '')}, hive_partitioning = false)`,
  );
  const isShown = (name: string): boolean => source.shows(name) && !HIDDEN_COLUMNS.has(name);
  const shown = described.filter(({ column_name: name }) => isShown(name));
  const { schema, name, description } = source;
  return {
    schema,
    name,
    description,
    columns: shown.map((column) => ({
      name: column.column_name,
      type: column.column_type,
      pseudonym: isPseudonym(column),
    })),
    hidden: described.map((column) => column.column_name).filter((column) => !isShown(column)),
    view: {
      schema,
      name,
      files,
      columns: shown.map((column) => ({
        name: column.column_name,
        expression: expressionOf(column, salt),
      })),
    },
  };
}

function expressionOf(column: Described, salt: string): string {
  const quoted = identifier(column.column_name);
  if (!isPseudonym(column)) return quoted;
  return `left(sha256(${sqlText(salt)} || CAST(${quoted} AS VARCHAR)), ${PSEUDONYM_CHARS})`;
}
