import { Duration, Stack } from 'aws-cdk-lib';
import * as certificates from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as balancing from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secrets from 'aws-cdk-lib/aws-secretsmanager';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import { acknowledgeWildcards } from '../nag.ts';
import { sizeOf } from '../sizes.ts';
import { imageTask } from './compute.ts';
import type { DataStack, EnvironmentProps } from './data-stack.ts';

export type ServerProps = EnvironmentProps & { readonly data: DataStack; readonly alarms: sns.ITopic };

const PORT = 4680;
const BUSY_PERCENT = 60;
/** A container fetches the lake before it serves. */
const START_SECONDS = 300;
const DRAIN_SECONDS = 30;
/** A decision that takes longer holds up who waits for it. */
const SLOW_SECONDS = 0.25;
const ERRORS_PER_MINUTE = 5;
const LATE_SECONDS = 300;
const OLD_MODEL_DAYS = 400;
/** Above this the population is no longer the one the model was made on (usual reading of the PSI). */
const MOVED_PSI = 0.25;

/** API and pages: containers behind a balancer that only the lender's own networks reach. */
export class ServerStack extends Stack {
  constructor(scope: Construct, id: string, { environment, data, alarms, ...props }: ServerProps) {
    super(scope, id, props);
    const { server } = sizeOf(environment.size);
    const namespace = `Assay/${environment.name}`;
    const task = this.#task(environment, data, namespace);
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc: data.vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    const service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: task,
      desiredCount: server.tasks,
      minHealthyPercent: 100,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: this.#groups(data),
      healthCheckGracePeriod: Duration.seconds(START_SECONDS),
      // A version that does not come up is taken back.
      circuitBreaker: { rollback: true },
    });
    const scaling = service.autoScaleTaskCount({ minCapacity: server.tasks, maxCapacity: server.maxTasks });
    scaling.scaleOnCpuUtilization('Busy', { targetUtilizationPercent: BUSY_PERCENT });
    this.#balancer(environment, data, service);
    this.#alarms(environment.portfolio, namespace, alarms);
  }

  #task(environment: Environment, data: DataStack, namespace: string): ecs.FargateTaskDefinition {
    const { server } = sizeOf(environment.size);
    // By its name: a grant on the secret itself would tie the stacks into a circle.
    const seed = secrets.Secret.fromSecretCompleteArn(this, 'FirstPassword', data.seedSecret.secretArn);
    const task = imageTask(this, 'ServerTask', {
      data,
      cpu: server.cpu,
      memoryMb: server.memoryMb,
      // Not bin/assay.js: that would install the packages for development.
      entryPoint: ['node', 'src/entrypoints/cli.ts', 'up', '--no-run', '--portfolio', environment.portfolio],
      environment: {
        HOST: '0.0.0.0',
        PORT: String(PORT),
        ASSAY_METRICS_NAMESPACE: namespace,
        ASSAY_AUDIT_URL: `s3://${data.audit.bucketName}/checkpoints`,
      },
      secrets: { ASSAY_SEED_PASSWORD: ecs.Secret.fromSecretsManager(seed) },
      port: PORT,
      // Alive, not ready: a server without an approved model shows its pages.
      health: `fetch('http://127.0.0.1:${PORT}/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`,
    });
    task
      .obtainExecutionRole()
      .addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [data.key.keyArn] }));
    task.taskRole.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },
      }),
    );
    // Puts and reads, and never deletes: what is there is locked anyway.
    task.taskRole.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [data.audit.bucketArn] }),
    );
    task.taskRole.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [data.audit.arnForObjects('checkpoints/*')],
      }),
    );
    acknowledgeWildcards(
      task.taskRole,
      [`Resource::${data.stackName}:ExportsOutputFnGetAttAudit3D8ADE0AArn5960E565/checkpoints/*`],
      'Checkpoints are numbered as they are made.',
    );
    acknowledgeWildcards(
      task.taskRole,
      ['Resource::*'],
      'Figures have no resource; the condition names their namespace.',
    );
    return task;
  }

  /** The group that reaches database and services, as it is, and one of its own that the balancer is let into. */
  #groups(data: DataStack): ec2.ISecurityGroup[] {
    const { securityGroupId } = data.computeGroup;
    return [
      new ec2.SecurityGroup(this, 'Server', { vpc: data.vpc, description: 'Assay: API and pages' }),
      ec2.SecurityGroup.fromSecurityGroupId(this, 'Compute', securityGroupId, { mutable: false }),
    ];
  }

  #balancer(environment: Environment, data: DataStack, service: ecs.FargateService): void {
    const group = new ec2.SecurityGroup(this, 'Balancer', { vpc: data.vpc, description: 'Assay: who may ask' });
    const certificateArn = environment.certificateArn;
    const port = certificateArn === undefined ? 80 : 443;
    for (const block of environment.clientCidrs) group.addIngressRule(ec2.Peer.ipv4(block), ec2.Port.tcp(port));
    const logsBucket = s3.Bucket.fromBucketName(this, 'BalancerLogs', data.balancerLogs.bucketName);
    const balancer = new balancing.ApplicationLoadBalancer(this, 'Door', {
      vpc: data.vpc,
      internetFacing: false,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroup: group,
      dropInvalidHeaderFields: true,
      deletionProtection: environment.keepOnDestroy,
    });
    balancer.setAttribute('access_logs.s3.enabled', 'true');
    balancer.setAttribute('access_logs.s3.bucket', logsBucket.bucketName);
    const listener = balancer.addListener('Web', {
      port,
      open: false,
      ...(certificateArn === undefined
        ? { protocol: balancing.ApplicationProtocol.HTTP }
        : {
            protocol: balancing.ApplicationProtocol.HTTPS,
            sslPolicy: balancing.SslPolicy.TLS13_RES,
            certificates: [certificates.Certificate.fromCertificateArn(this, 'Certificate', certificateArn)],
          }),
    });
    listener.addTargets('Servers', {
      port: PORT,
      protocol: balancing.ApplicationProtocol.HTTP,
      targets: [service],
      deregistrationDelay: Duration.seconds(DRAIN_SECONDS),
      healthCheck: { path: '/health', interval: Duration.seconds(10), healthyThresholdCount: 2 },
    });
  }

  /** On what the server itself tells CloudWatch (src/entrypoints/server/cloud-figures.ts). */
  #alarms(portfolio: string, namespace: string, topic: sns.ITopic): void {
    const metric = (metricName: string, statistic: string, minutes = 1): cloudwatch.Metric =>
      new cloudwatch.Metric({
        ...{ namespace, metricName, statistic },
        period: Duration.minutes(minutes),
        dimensionsMap: { Portfolio: portfolio },
      });
    const rules = [
      ['ServerErrors', metric('ServerErrors', 'sum'), ERRORS_PER_MINUTE, 'The server answers with errors of its own.'],
      ['SlowDecisions', metric('DecisionSeconds', 'p99'), SLOW_SECONDS, 'One decision in a hundred takes too long.'],
      ['ConsumerLag', metric('StreamBehindSeconds', 'max', 5), LATE_SECONDS, 'A consumer of events is behind.'],
      ['DeadLetters', metric('DeadLettersWaiting', 'max', 5), 1, 'Events were refused: assay deadletters list.'],
      ['ScoreMoved', metric('ScorePsi', 'max', 60), MOVED_PSI, 'The scores of the last month moved: page Monitoring.'],
      ['OldModel', metric('ModelAgeDays', 'max', 60), OLD_MODEL_DAYS, 'The champion is old: validate it anew.'],
    ] as const;
    for (const [name, watched, threshold, alarmDescription] of rules) {
      const alarm = new cloudwatch.Alarm(this, name, {
        metric: watched,
        threshold,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        alarmDescription,
      });
      alarm.addAlarmAction(new actions.SnsAction(topic));
    }
    const silent = new cloudwatch.Alarm(this, 'ServerSilent', {
      metric: metric('ServerErrors', 'n', 5),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      alarmDescription: 'No server told anything for a quarter of an hour.',
    });
    silent.addAlarmAction(new actions.SnsAction(topic));
  }
}
