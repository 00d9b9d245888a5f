import { Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import { type ModelPlace, modelTargets, trainingTarget } from '../model-states.ts';
import { acknowledgeWildcards } from '../nag.ts';
import { sizeOf } from '../sizes.ts';
import { type TaskTarget, waitingTarget } from '../state-machine.ts';
import { answerTokens, grantData, imageFunction, variablesOf } from './compute.ts';
import type { DataStack } from './data-stack.ts';
import { sagemakerRole } from './sagemaker-role.ts';
import type { ServingStack } from './serving-stack.ts';

export type ModelStatesOptions = {
  readonly environment: Environment;
  readonly data: DataStack;
  readonly serving: ServingStack;
  /** Of the state machine. */
  readonly stateRole: iam.Role;
};

const APPROVAL_MEMORY_MB = 1024;
const ANSWER_EVERY_MINUTES = 5;

/** The states about models: training as a job, SageMaker's registry, approval by a person, endpoint and transform. */
export function modelStates(scope: Construct, options: ModelStatesOptions): Record<string, TaskTarget> {
  const { environment, data, serving, stateRole } = options;
  const size = sizeOf(environment.size);
  const trainingRole = sagemakerRole(scope, 'TrainingRole', { data, image: serving.image });
  grantData(data, trainingRole);
  const place: ModelPlace = {
    imageUri: serving.image.imageUri,
    trainingRoleArn: trainingRole.roleArn,
    servingRoleArn: serving.role.roleArn,
    keyArn: data.key.keyArn,
    bucketUri: `s3://${data.lake.bucketName}`,
    subnets: data.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }).subnetIds,
    securityGroups: [data.computeGroup.securityGroupId],
    trainingInstanceType: size.trainingInstanceType,
    endpoint: { name: serving.endpointName, ...size.endpoint },
    packageGroup: serving.group.modelPackageGroupName,
    environment: variablesOf(data),
    alarmNames: serving.endpointAlarms,
  };
  grantModelCalls(stateRole, place, [trainingRole, serving.role]);
  const approval = approvalFunction(scope, options);
  return {
    TrainEstimator: trainingTarget(place),
    AwaitApproval: waitingTarget(approval.functionArn),
    ...modelTargets(place),
  };
}

/** Asks for approvals when the state machine calls it, and answers them by the clock. */
function approvalFunction(
  scope: Construct,
  { environment, data, serving, stateRole }: ModelStatesOptions,
): lambda.Function {
  const { approvedModel, portfolio } = environment;
  const made = imageFunction(scope, 'Approval', {
    data,
    handler: 'approve',
    memoryMb: APPROVAL_MEMORY_MB,
    minutes: ANSWER_EVERY_MINUTES,
    ...(approvedModel && { environment: { ASSAY_ENDPOINT: serving.endpointName } }),
  });
  made.addToRolePolicy(answerTokens());
  made.grantInvoke(stateRole);
  const id = Stack.of(scope).getLogicalId(made.node.defaultChild as lambda.CfnFunction);
  const role = new iam.Role(scope, 'AnswerRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') });
  for (const caller of [stateRole, role])
    acknowledgeWildcards(caller, [`Resource::<${id}.Arn>:*`], 'Versions of one function.');
  new scheduler.Schedule(scope, 'AnswerApprovals', {
    schedule: scheduler.ScheduleExpression.rate(Duration.minutes(ANSWER_EVERY_MINUTES)),
    target: new targets.LambdaInvoke(made, {
      role,
      input: scheduler.ScheduleTargetInput.fromObject({ answer: { portfolio } }),
      retryAttempts: 0,
      maxEventAge: Duration.minutes(ANSWER_EVERY_MINUTES),
    }),
  });
  return made;
}

/** What Step Functions may call of SageMaker: names begin as ours do where they are not fixed. */
function grantModelCalls(role: iam.Role, place: ModelPlace, passed: readonly iam.Role[]): void {
  const stack = Stack.of(role);
  const at = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'sagemaker', resource, resourceName });
  const allow = (actions: string[], resources: string[]): void => {
    role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
  };
  const jobs = [at('training-job', 'assay-*'), at('transform-job', 't-*')];
  const versions = [at('model', '*'), at('endpoint-config', '*')];
  const packages = [at('model-package-group', place.packageGroup), at('model-package', `${place.packageGroup}/*`)];
  allow(
    [
      'CreateTrainingJob',
      'DescribeTrainingJob',
      'StopTrainingJob',
      'CreateTransformJob',
      'DescribeTransformJob',
      'StopTransformJob',
      'AddTags',
    ].map((call) => `sagemaker:${call}`),
    jobs,
  );
  allow(['sagemaker:CreateModel', 'sagemaker:CreateEndpointConfig'], versions);
  allow(['sagemaker:UpdateEndpoint'], [at('endpoint', place.endpoint.name), at('endpoint-config', '*')]);
  allow(['sagemaker:CreateModelPackage'], packages);
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: passed.map(({ roleArn }) => roleArn),
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    }),
  );
  allow(
    ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    ['TrainingJobs', 'TransformJobs'].map((kind) =>
      stack.formatArn({
        service: 'events',
        resource: 'rule',
        resourceName: `StepFunctionsGetEventsForSageMaker${kind}Rule`,
      }),
    ),
  );
  const wild = [...jobs, ...versions, packages[1]!].map(
    (arn) => `Resource::${arn.replace(stack.partition, '<AWS::Partition>')}`,
  );
  acknowledgeWildcards(role, wild, 'Jobs, models and packages are made by the run under names of their own.');
}
