import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Environment } from './environment.ts';
import { BatchStack } from './stacks/batch-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { AlarmStack, InsightStack } from './stacks/insight-stack.ts';
import { ServerStack } from './stacks/server-stack.ts';
import { ServingStack } from './stacks/serving-stack.ts';
import { StreamStack } from './stacks/stream-stack.ts';

/** Behaviours that CDK keeps off for old apps. */
const FEATURES = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
};

export type AppOptions = { readonly outdir?: string };

/** Every stack of one environment, checked by cdk-nag when it is synthesised: a finding that nobody acknowledged fails. */
export function buildApp(environment: Environment, { outdir }: AppOptions = {}): App {
  const app = new App({ ...(outdir !== undefined && { outdir }), analyticsReporting: false, context: FEATURES });
  const env = { account: environment.account, region: environment.region };
  const name = (part: string): string => `assay-${environment.name}-${part}`;
  const props = { env, environment, terminationProtection: environment.keepOnDestroy };
  const data = new DataStack(app, name('data'), props);
  const { topic: alarms } = new AlarmStack(app, name('alarms'), { ...props, data });
  new StreamStack(app, name('stream'), { ...props, data, alarms });
  const serving = new ServingStack(app, name('serving'), { ...props, data, alarms });
  new BatchStack(app, name('batch'), { ...props, data, alarms, serving });
  new ServerStack(app, name('server'), { ...props, data, alarms });
  new InsightStack(app, name('insight'), { ...props, data, alarms });
  Tags.of(app).add('assay:environment', environment.name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
