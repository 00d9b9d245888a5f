/** What a size buys; `cost.ts` prices it. Grown by arithmetic in docs/scale.md. */
export type Size = {
  /** Transactions a month the size is meant for. */
  readonly transactionsPerMonth: number;
  /** Steps of the pipeline: Lambda functions, or container tasks of this size. */
  readonly steps:
    | { readonly kind: 'lambda'; readonly memoryMb: number }
    | { readonly kind: 'task'; readonly cpu: number; readonly memoryMb: number };
  /** Features by Spark on Glue instead of by DuckDB in a step. */
  readonly glue: { readonly workerType: 'G.1X' | 'G.2X'; readonly workers: number } | null;
  readonly database: { readonly instanceType: string; readonly multiAz: boolean; readonly storageGb: number };
  readonly streamShards: number | 'on-demand';
  readonly redshiftBaseRpu: number;
  /** `instances` always, up to `maxInstances` under load. */
  readonly endpoint: { readonly instanceType: string; readonly instances: number; readonly maxInstances: number };
  /** Of API and pages: `tasks` always, up to `maxTasks` under load. */
  readonly server: {
    readonly cpu: number;
    readonly memoryMb: number;
    readonly tasks: number;
    readonly maxTasks: number;
  };
  /** Of training jobs. */
  readonly trainingInstanceType: string;
  /** Of the network; an interface endpoint is paid in each. */
  readonly zones: number;
};

export const SIZES = {
  small: {
    transactionsPerMonth: 1_000_000,
    steps: { kind: 'lambda', memoryMb: 10_240 },
    glue: null,
    database: { instanceType: 't4g.medium', multiAz: false, storageGb: 50 },
    streamShards: 1,
    redshiftBaseRpu: 8,
    endpoint: { instanceType: 'ml.m5.large', instances: 1, maxInstances: 2 },
    server: { cpu: 2048, memoryMb: 8192, tasks: 1, maxTasks: 2 },
    trainingInstanceType: 'ml.m5.xlarge',
    zones: 2,
  },
  medium: {
    transactionsPerMonth: 30_000_000,
    steps: { kind: 'task', cpu: 8192, memoryMb: 32_768 },
    glue: { workerType: 'G.1X', workers: 10 },
    database: { instanceType: 'm7g.xlarge', multiAz: true, storageGb: 500 },
    streamShards: 4,
    redshiftBaseRpu: 16,
    endpoint: { instanceType: 'ml.c6i.xlarge', instances: 2, maxInstances: 6 },
    server: { cpu: 4096, memoryMb: 16_384, tasks: 2, maxTasks: 6 },
    trainingInstanceType: 'ml.m5.4xlarge',
    zones: 2,
  },
  large: {
    transactionsPerMonth: 300_000_000,
    steps: { kind: 'task', cpu: 16_384, memoryMb: 122_880 },
    glue: { workerType: 'G.2X', workers: 40 },
    database: { instanceType: 'r7g.4xlarge', multiAz: true, storageGb: 4000 },
    streamShards: 'on-demand',
    redshiftBaseRpu: 64,
    endpoint: { instanceType: 'ml.c6i.2xlarge', instances: 4, maxInstances: 16 },
    server: { cpu: 8192, memoryMb: 32_768, tasks: 3, maxTasks: 12 },
    trainingInstanceType: 'ml.m5.12xlarge',
    zones: 3,
  },
} as const satisfies Record<string, Size>;

export type SizeName = keyof typeof SIZES;

export function sizeOf(name: SizeName): Size {
  return SIZES[name];
}
