import { SIZES, type Size, type SizeName } from './sizes.ts';

/**
 * List prices in US dollars, on demand, us-east-1, without taxes and discounts. Written down from AWS's public price pages; they
 * change: look before you promise.
 */
export const PRICES_AS_OF = '2025-11';
const PRICES = {
  hourOfInterfaceEndpoint: 0.01,
  monthOfKey: 1,
  hourOfBalancer: 0.0225,
  hourOfBalancerUnit: 0.008,
  monthOfAlarm: 0.1,
  monthOfMetric: 0.3,
  monthOfSecret: 0.4,
  hourOfDatabase: { 't4g.medium': 0.065, 'm7g.xlarge': 0.337, 'r7g.4xlarge': 1.914 },
  gbMonthOfDatabase: 0.115,
  hourOfShard: 0.015,
  hourOfOnDemandStream: 0.04,
  gbIntoOnDemandStream: 0.08,
  millionPutUnits: 0.014,
  hourOfRpu: 0.375,
  hourOfDpu: 0.44,
  gbSecondOfLambda: 0.0000166667,
  hourOfTaskCpu: 0.04048,
  hourOfTaskGb: 0.004445,
  hourOfEndpoint: { 'ml.m5.large': 0.115, 'ml.c6i.xlarge': 0.204, 'ml.c6i.2xlarge': 0.408 },
  hourOfTraining: { 'ml.m5.xlarge': 0.23, 'ml.m5.4xlarge': 0.922, 'ml.m5.12xlarge': 2.765 },
  gbMonthOfS3: 0.023,
  gbOfLogs: 0.5,
} as const;

const HOURS = 730;
export const ENDPOINTS = 9;
export const SECRETS = 5;
export const KEYS = 2;
/** With those of SageMaker's endpoint; figures of a server are one for each name and outcome. */
export const ALARMS = 14;
const METRICS = 11;
/** Of an event on the stream, and of a transaction in Parquet with its raw file and one old version. */
const BYTES_PER_EVENT = 400;
const LAKE_BYTES_PER_TRANSACTION = 120;
const MONTHS_KEPT = 60;
const RUNS = 30;
/** Dashboards are looked at for this long a day; Redshift Serverless is paid while it answers. */
const MART_HOURS = 22;

export type CostLine = { readonly item: string; readonly usdPerMonth: number; readonly because: string };
export type CostEstimate = {
  readonly size: SizeName;
  readonly lines: readonly CostLine[];
  readonly usdPerMonth: number;
};

/** What an environment of a size costs a month, item by item, with the arithmetic in words. */
export function estimateCost(name: SizeName): CostEstimate {
  const size: Size = SIZES[name];
  const lines = [
    network(size),
    database(size),
    stream(size),
    lake(size),
    steps(size),
    spark(size),
    marts(size),
    training(size),
    endpoint(size),
    server(size),
    rest(size),
  ];
  return { size: name, lines, usdPerMonth: lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0) };
}

const line = (item: string, usdPerMonth: number, because: string): CostLine => ({ item, usdPerMonth, because });

function network({ zones }: Size): CostLine {
  const because = `${ENDPOINTS} interface endpoints x ${zones} zones x ${HOURS} h; no NAT gateway`;
  return line('network', ENDPOINTS * zones * HOURS * PRICES.hourOfInterfaceEndpoint, because);
}

function database({ database: { instanceType, multiAz, storageGb } }: Size): CostLine {
  const copies = multiAz ? 2 : 1;
  const hourly = priceOf(PRICES.hourOfDatabase, instanceType) * copies;
  const because = `db.${instanceType}${multiAz ? ' with a standby' : ''} x ${HOURS} h, ${storageGb} GB`;
  return line('PostgreSQL', hourly * HOURS + storageGb * copies * PRICES.gbMonthOfDatabase, because);
}

function stream({ streamShards, transactionsPerMonth }: Size): CostLine {
  if (streamShards === 'on-demand') {
    const gb = (transactionsPerMonth * BYTES_PER_EVENT) / 1e9;
    return line(
      'stream',
      HOURS * PRICES.hourOfOnDemandStream + gb * PRICES.gbIntoOnDemandStream,
      `on demand, ${Math.round(gb)} GB in`,
    );
  }
  const puts = (transactionsPerMonth / 1e6) * PRICES.millionPutUnits;
  return line('stream', streamShards * HOURS * PRICES.hourOfShard + puts, `${streamShards} shards x ${HOURS} h`);
}

function lake({ transactionsPerMonth }: Size): CostLine {
  const gb = (transactionsPerMonth * MONTHS_KEPT * LAKE_BYTES_PER_TRANSACTION) / 1e9;
  return line('lake', gb * PRICES.gbMonthOfS3, `${gb.toFixed(0)} GB after ${MONTHS_KEPT} months`);
}

/** An hour of steps a run for each five million transactions a month, half an hour at least. */
function steps({ steps: kind, transactionsPerMonth }: Size): CostLine {
  const hours = RUNS * Math.max(0.5, transactionsPerMonth / 5e6 / 4);
  const hourly =
    kind.kind === 'lambda'
      ? (kind.memoryMb / 1024) * 3600 * PRICES.gbSecondOfLambda
      : (kind.cpu / 1024) * PRICES.hourOfTaskCpu + (kind.memoryMb / 1024) * PRICES.hourOfTaskGb;
  return line('steps of the pipeline', hours * hourly, `${hours.toFixed(0)} h of ${kind.kind}s in ${RUNS} runs`);
}

function spark({ glue, transactionsPerMonth }: Size): CostLine {
  if (glue === null) return line('Spark', 0, 'features by DuckDB in a step');
  const dpus = glue.workers * (glue.workerType === 'G.2X' ? 2 : 1);
  const hours = RUNS * Math.max(0.1, (transactionsPerMonth * MONTHS_KEPT) / 1.8e10);
  return line('Spark', dpus * hours * PRICES.hourOfDpu, `${dpus} DPU x ${hours.toFixed(0)} h in ${RUNS} runs`);
}

function marts({ redshiftBaseRpu }: Size): CostLine {
  return line(
    'marts',
    redshiftBaseRpu * MART_HOURS * PRICES.hourOfRpu,
    `${redshiftBaseRpu} RPU x ${MART_HOURS} h of queries`,
  );
}

/** Two estimators a run; an hour each at three hundred million transactions a month, six minutes at least. */
function training({ trainingInstanceType, transactionsPerMonth }: Size): CostLine {
  const hours = RUNS * 2 * Math.max(0.1, transactionsPerMonth / 3e8);
  const hourly = priceOf(PRICES.hourOfTraining, trainingInstanceType);
  return line('training jobs', hours * hourly, `${hours.toFixed(0)} h of ${trainingInstanceType} in ${RUNS} runs`);
}

function endpoint({ endpoint: { instanceType, instances } }: Size): CostLine {
  const hourly = priceOf(PRICES.hourOfEndpoint, instanceType) * instances;
  return line('endpoint', hourly * HOURS, `${instances} x ${instanceType} x ${HOURS} h`);
}

/** The balancer with one capacity unit, and the tasks that always run. */
function server({ server: { cpu, memoryMb, tasks } }: Size): CostLine {
  const hourly = (cpu / 1024) * PRICES.hourOfTaskCpu + (memoryMb / 1024) * PRICES.hourOfTaskGb;
  const balancer = PRICES.hourOfBalancer + PRICES.hourOfBalancerUnit;
  const because = `${tasks} x ${cpu / 1024} vCPU, ${memoryMb / 1024} GB, a balancer, x ${HOURS} h`;
  return line('API and pages', (tasks * hourly + balancer) * HOURS, because);
}

function rest({ transactionsPerMonth }: Size): CostLine {
  const logs = 5 + transactionsPerMonth / 1e7;
  return line(
    'keys, secrets, alarms, logs',
    KEYS * PRICES.monthOfKey +
      SECRETS * PRICES.monthOfSecret +
      ALARMS * PRICES.monthOfAlarm +
      METRICS * PRICES.monthOfMetric +
      logs * PRICES.gbOfLogs,
    `${KEYS} keys, ${SECRETS} secrets, ${ALARMS} alarms, ${METRICS} figures, ${logs.toFixed(0)} GB of logs`,
  );
}

function priceOf(table: Readonly<Record<string, number>>, name: string): number {
  const price = table[name];
  if (price === undefined) throw new Error(`no price for ${name}; allowed: ${Object.keys(table).join(', ')}`);
  return price;
}

/** As text, for a terminal and for docs/deploy-to-aws.md. */
export function costTable(): string {
  const estimates = (Object.keys(SIZES) as SizeName[]).map(estimateCost);
  const rows = estimates[0]!.lines.map(({ item }, i) => {
    const cells = estimates.map(({ lines }) => `${Math.round(lines[i]!.usdPerMonth)}`);
    return `| ${[item, ...cells].join(' | ')} |`;
  });
  const total = estimates.map(({ usdPerMonth }) => `**${Math.round(usdPerMonth)}**`);
  const heads = estimates.map(
    ({ size }) => `${size} (${SIZES[size].transactionsPerMonth / 1e6}M transactions a month)`,
  );
  return [
    `| US dollars a month, list prices of ${PRICES_AS_OF} | ${heads.join(' | ')} |`,
    `|---|${'---:|'.repeat(heads.length)}`,
    ...rows,
    `| **sum** | ${total.join(' | ')} |`,
  ].join('\n');
}
