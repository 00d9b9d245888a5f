import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Interval } from '../../domain/index.ts';
import type { FileFairness } from '../../monitoring/index.ts';
import type { GroupFairness } from '../../training/index.ts';
import type { CommandContext, RegisterCommand } from '../context.ts';

type FairnessOptions = {
  readonly target: string;
  readonly positive: readonly string[];
  readonly trait: string;
  readonly reference?: string;
  readonly drop: readonly string[];
  readonly json: boolean;
};

/** `assay fairness`: a flat file's decisions by group, proxies of the trait, and less discriminatory alternatives. */
export const registerFairness: RegisterCommand = (program, context) => {
  program
    .command('fairness')
    .description('Decisions of a flat file by group: impact ratios, proxies of the trait, alternatives.')
    .argument('<file>', 'delimited text with one row per loan application, plain or gzip')
    .requiredOption('--target <column>', 'column with the decision or outcome')
    .requiredOption(
      '--positive <value>',
      'value that means denied or defaulted; may be given more than once',
      collect,
      [],
    )
    .requiredOption('--trait <column>', 'column of the protected trait; no model sees it')
    .option('--reference <group>', 'group the others are compared with (default: the largest)')
    .option('--drop <columns>', 'columns to leave out, separated by commas', list, [])
    .option('--json', 'print figures as JSON', false)
    .action((file: string, options: FairnessOptions) => run(file, options, context));
};

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];
const list = (value: string, previous: readonly string[]): string[] => [
  ...previous,
  ...value.split(',').map((part) => part.trim()),
];

async function run(path: string, options: FairnessOptions, context: CommandContext): Promise<void> {
  const { evaluateFileFairness } = await import('../../monitoring/index.ts');
  const { target, positive, trait, reference, drop, json } = options;
  const bar =
    context.isTerminal && !json
      ? new SingleBar({ format: '{bar} {value}/{total} alternatives', clearOnComplete: true })
      : null;
  const result = await evaluateFileFairness({
    file: { path: resolve(context.workingDirectory, path), target, positive, drop },
    trait,
    reference,
    signal: context.signal,
    onProgress: (done, total) => (done === 1 ? bar?.start(total, done) : bar?.update(done)),
  });
  bar?.stop();
  context.print(json ? JSON.stringify(result, null, 2) : fairnessText(result));
}

function fairnessText({ rows, trait, reference, decisions, model, proxies, alternatives }: FileFairness): string {
  const frontier = alternatives.filter(({ onFrontier }) => onFrontier).sort((a, b) => b.auc.value - a.auc.value);
  return [
    `${rows} rows, ${trait}; reference group ${reference}. 0.80 is a screening convention, not a legal threshold.`,
    'decisions in the file',
    ...decisions.map(groupLine),
    'a model without the trait, out of fold, as many approvals',
    ...model.map(groupLine),
    ...proxies.flatMap(({ group, members, together, proxies: found }) => [
      `telling ${group} (${members}): all columns together AUC ${interval(together)}`,
      ...found
        .slice(0, 8)
        .map(({ feature, auc, isProxy }) => `  ${isProxy ? 'proxy' : '     '} ${feature.padEnd(24)} ${interval(auc)}`),
    ]),
    `${alternatives.length} alternatives kept, ${frontier.length} on the frontier`,
    ...frontier.map(
      ({ id, auc, adverseImpactRatio, what }) =>
        `  ${id.padEnd(12)} AUC ${auc.value.toFixed(4)}  AIR ${interval(adverseImpactRatio)}  ${what}`,
    ),
  ].join('\n');
}

function groupLine({ name, count, tooFew, approvalRate, adverseImpactRatio, scoreDifference }: GroupFairness): string {
  if (tooFew) return `  ${name.padEnd(12)} ${String(count).padStart(6)}  too few`;
  return `  ${name.padEnd(12)} ${String(count).padStart(6)}  approved ${interval(approvalRate)}  AIR ${interval(adverseImpactRatio)}  SMD ${interval(scoreDifference)}`;
}

const interval = (value: Interval | null): string =>
  value === null ? '-' : `${value.value.toFixed(3)} (${value.lower.toFixed(3)}-${value.upper.toFixed(3)})`;
