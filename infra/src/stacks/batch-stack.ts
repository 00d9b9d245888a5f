import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../nag.ts';
import { REPOSITORY, repositoryFile } from '../repository.ts';
import { type Size, sizeOf } from '../sizes.ts';
import {
  cloudDefinition,
  lambdaTarget,
  nestedTarget,
  PASSED_EXECUTION,
  RESULT_SELECTORS,
  type TaskPlace,
  type TaskTarget,
  taskNames,
  taskTarget,
} from '../state-machine.ts';
import { acknowledgeGrants, answerTokens, imageFunction, imageTask } from './compute.ts';
import type { DataStack, EnvironmentProps } from './data-stack.ts';
import { modelStates } from './model-place.ts';
import type { ServingStack } from './serving-stack.ts';

export type BatchProps = EnvironmentProps & {
  readonly data: DataStack;
  readonly alarms: sns.ITopic;
  readonly serving: ServingStack;
};

const GLUE_VERSION = '5.1';
const PIPELINE = repositoryFile('src/pipeline/credit-risk.asl.json');
const STATES = taskNames(PIPELINE);
const ENTRY = ['node', 'src/entrypoints/cloud/main.ts'];

/** The pipeline: the state machine, what its states run on, Spark, its schedule and its alarms. */
export class BatchStack extends Stack {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { environment, data, alarms, serving, ...props }: BatchProps) {
    super(scope, id, props);
    const size = sizeOf(environment.size);
    const role = this.#stateRole();
    const steps =
      size.steps.kind === 'lambda'
        ? this.#functionTargets(data, size.steps.memoryMb, role)
        : this.#taskTargets(data, size, role);
    const models = modelStates(this, { environment, data, serving, stateRole: role });
    this.stateMachine = this.#machine('Pipeline', cloudDefinition(PIPELINE, { ...steps, ...models }), role);
    this.#schedule(environment.portfolio, environment.estimators);
    this.#alarms(alarms);
  }

  #stateRole(): iam.Role {
    const role = new iam.Role(this, 'StatesRole', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    acknowledgeWildcards(role, ['Resource::*'], 'Traces and the delivery of logs have no resources.');
    return role;
  }

  /** Small books: one function runs any state. */
  #functionTargets(data: DataStack, memoryMb: number, role: iam.Role): Record<string, TaskTarget> {
    const step = imageFunction(this, 'Step', { data, handler: 'step', memoryMb });
    step.grantInvoke(role);
    const versions = `Resource::<${this.getLogicalId(step.node.defaultChild as lambda.CfnFunction)}.Arn>:*`;
    acknowledgeWildcards(role, [versions], 'Versions of one function.');
    return Object.fromEntries(
      STATES.map((state) => [state, { ...lambdaTarget(step.functionArn), ...selectorOf(state) }]),
    );
  }

  /** Large books: a container task a state, and Spark for the features. */
  #taskTargets(data: DataStack, size: Size, role: iam.Role): Record<string, TaskTarget> {
    if (size.steps.kind !== 'task') throw new Error('steps of this size are functions');
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc: data.vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    const task = imageTask(this, 'StepTask', { data, ...size.steps, entryPoint: ENTRY });
    task.taskRole.addToPrincipalPolicy(answerTokens());
    acknowledgeWildcards(
      task.taskRole,
      ['Resource::*'],
      'An answer to a task token names no resource: the token is the permission.',
    );
    task.grantRun(role);
    const place: TaskPlace = {
      clusterArn: cluster.clusterArn,
      taskDefinitionArn: task.taskDefinitionArn,
      container: 'assay',
      subnets: data.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }).subnetIds,
      securityGroups: [data.computeGroup.securityGroupId],
    };
    const targetsOf = STATES.map((state): [string, TaskTarget] => [
      state,
      { ...taskTarget(place), ...selectorOf(state) },
    ]);
    const features = this.#features(data, size, place, role, task);
    return { ...Object.fromEntries(targetsOf), BuildFeatures: features };
  }

  #features(
    data: DataStack,
    size: Size,
    place: TaskPlace,
    role: iam.Role,
    task: ecs.FargateTaskDefinition,
  ): TaskTarget {
    if (size.glue === null) return taskTarget(place);
    const job = this.#glueJob(data, size.glue);
    const nestedRole = new iam.Role(this, 'FeatureStatesRole', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
    });
    task.grantRun(nestedRole);
    const jobArn = this.formatArn({ service: 'glue', resource: 'job', resourceName: job.ref });
    nestedRole.addToPolicy(
      new iam.PolicyStatement({
        actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
        resources: [jobArn],
      }),
    );
    acknowledgeWildcards(nestedRole, ['Resource::*'], 'Traces and the delivery of logs have no resources.');
    const definition = cloudDefinition(repositoryFile('infra/asl/features.asl.json'), {
      PrepareFeatureJob: taskTarget(place, PASSED_EXECUTION),
      RunSpark: {
        Resource: 'arn:aws:states:::glue:startJobRun.sync',
        Parameters: { JobName: job.ref, Arguments: { '--job_uri.$': '$.job.jobUri' } },
        ResultSelector: { 'jobRunId.$': '$.Id', 'seconds.$': '$.ExecutionTime' },
      },
      PublishFeatures: taskTarget(place, { ...PASSED_EXECUTION, input: '$.input' }),
    });
    const machine = this.#machine('Features', definition, nestedRole);
    const runs = `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${this.getLogicalId(machine.node.defaultChild as sfn.CfnStateMachine)}"}]}]}:*`;
    const executions = `Resource::arn:<AWS::Partition>:states:${this.region}:${this.account}:execution:${runs}`;
    acknowledgeWildcards(role, [executions], 'Executions of one state machine.');
    machine.grantStartExecution(role);
    machine.grantExecution(role, 'states:DescribeExecution', 'states:StopExecution');
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
        resources: [
          this.formatArn({
            service: 'events',
            resource: 'rule',
            resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
          }),
        ],
      }),
    );
    return nestedTarget(machine.stateMachineArn);
  }

  #glueJob(data: DataStack, { workerType, workers }: NonNullable<Size['glue']>): glue.CfnJob {
    const script = new assets.Asset(this, 'FeatureScript', { path: `${REPOSITORY}/python/spark/features.py` });
    const role = new iam.Role(this, 'GlueRole', { assumedBy: new iam.ServicePrincipal('glue.amazonaws.com') });
    script.grantRead(role);
    const bootstrap = `Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-${this.account}-${this.region}/*`;
    acknowledgeWildcards(role, [bootstrap], "The script lies in CDK's own bucket of this account.");
    data.lake.grantReadWrite(role);
    data.key.grantEncryptDecrypt(role);
    const logGroup = `arn:${this.partition}:logs:${this.region}:${this.account}:log-group:/aws-glue/*`;
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup],
      }),
    );
    acknowledgeGrants(role, data);
    acknowledgeWildcards(
      role,
      [`Resource::${logGroup.replace(this.partition, '<AWS::Partition>')}`],
      'Log groups that Glue names itself.',
    );
    const security = new glue.CfnSecurityConfiguration(this, 'GlueSecurity', {
      name: `${this.stackName}-glue`,
      encryptionConfiguration: {
        s3Encryptions: [{ s3EncryptionMode: 'SSE-KMS', kmsKeyArn: data.key.keyArn }],
        cloudWatchEncryption: { cloudWatchEncryptionMode: 'SSE-KMS', kmsKeyArn: data.key.keyArn },
        jobBookmarksEncryption: { jobBookmarksEncryptionMode: 'CSE-KMS', kmsKeyArn: data.key.keyArn },
      },
    });
    return new glue.CfnJob(this, 'FeatureJob', {
      name: `${this.stackName}-features`,
      role: role.roleArn,
      glueVersion: GLUE_VERSION,
      workerType,
      numberOfWorkers: workers,
      timeout: 240,
      maxRetries: 0,
      executionProperty: { maxConcurrentRuns: 1 },
      securityConfiguration: security.ref,
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: script.s3ObjectUrl },
      defaultArguments: {
        '--enable-auto-scaling': 'true',
        '--enable-metrics': 'true',
        '--enable-continuous-cloudwatch-log': 'true',
      },
    });
  }

  #machine(name: string, definition: string, role: iam.Role): sfn.StateMachine {
    const destination = new logs.LogGroup(this, `${name}Logs`, {
      retention: logs.RetentionDays.SIX_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new sfn.StateMachine(this, name, {
      definitionBody: sfn.DefinitionBody.fromString(definition),
      role,
      tracingEnabled: true,
      // Names of states and times; inputs and outputs stay out of the logs.
      logs: { destination, level: sfn.LogLevel.ALL, includeExecutionData: false },
    });
  }

  #schedule(portfolio: string, estimators: readonly string[]): void {
    new scheduler.Schedule(this, 'Nightly', {
      schedule: scheduler.ScheduleExpression.cron({ hour: '2', minute: '0', timeZone: TimeZone.ETC_UTC }),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, {
        input: scheduler.ScheduleTargetInput.fromObject({ portfolio, estimators, limits: { rejectedShare: 0.05 } }),
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
  }

  #alarms(topic: sns.ITopic): void {
    const failed = new cloudwatch.Alarm(this, 'PipelineFailed', {
      metric: this.stateMachine.metricFailed({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: 'A run of the pipeline failed: see its history on the page Data and pipeline.',
    });
    const silent = new cloudwatch.Alarm(this, 'PipelineSilent', {
      metric: this.stateMachine.metricSucceeded({ period: Duration.days(1) }),
      threshold: 1,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      alarmDescription: 'No run of the pipeline succeeded for two days.',
    });
    for (const alarm of [failed, silent]) alarm.addAlarmAction(new actions.SnsAction(topic));
  }
}

function selectorOf(state: string): Partial<TaskTarget> {
  const selector = RESULT_SELECTORS[state];
  return selector ? { ResultSelector: selector } : {};
}
