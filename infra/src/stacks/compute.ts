import { Duration, RemovalPolicy, Size as StorageSize } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeFunctionPolicies, acknowledgeWildcards, lakeObjects } from '../nag.ts';
import { REPOSITORY } from '../repository.ts';
import type { DataStack } from './data-stack.ts';

const MAX_LAMBDA_MINUTES = 15;
const LAMBDA_STORAGE_GB = 10;

/** What every part of the system is told when it starts: where data lies, never a secret itself. */
export function variablesOf(data: DataStack): Record<string, string> {
  return {
    ASSAY_HOME: '/tmp/assay',
    ASSAY_LAKE_URL: `s3://${data.lake.bucketName}/books`,
    ASSAY_DATABASE_SECRET: data.databaseSecret.secretArn,
    ASSAY_SIGNING_KMS_KEY: data.signingKey.keyArn,
    ...(data.earlierSigners.length > 0 && { ASSAY_TRUSTED_PUBLIC_KEYS: data.earlierSigners.join(',') }),
    ASSAY_MASTER_SECRET: data.masterSecret.secretArn,
    ASSAY_SEALED_SECRET: data.sealedSecret.secretArn,
    ASSAY_MARTS_WORKGROUP: data.workgroup.workgroupName,
    ASSAY_LOG_LEVEL: 'info',
  };
}

/** Reads and writes the lake, reads the secrets, uses their key: nothing else. */
export function grantData(data: DataStack, role: iam.IGrantable): void {
  data.lake.grantReadWrite(role);
  // On the role alone: a grant on the secret would also name the role in the key's policy, and tie the stacks into a circle.
  role.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [data.masterSecret, data.sealedSecret, data.databaseSecret].map(({ secretArn }) => secretArn),
    }),
  );
  data.key.grantEncryptDecrypt(role);
  role.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [data.signingKey.keyArn] }),
  );
  role.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['redshift-serverless:GetCredentials', 'redshift-data:BatchExecuteStatement'],
      resources: [data.workgroup.attrWorkgroupWorkgroupArn],
    }),
  );
  // A statement is described by the id that its own caller was given.
  role.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions: ['redshift-data:DescribeStatement'], resources: ['*'] }),
  );
}

export type FunctionOptions = {
  readonly data: DataStack;
  /** A file of src/entrypoints/lambdas, without its end. */
  readonly handler: string;
  readonly memoryMb: number;
  readonly minutes?: number;
  readonly environment?: Readonly<Record<string, string>>;
};

/** A function from the image, inside the network. */
export function imageFunction(scope: Construct, id: string, options: FunctionOptions): lambda.DockerImageFunction {
  const { data, handler, memoryMb, minutes = MAX_LAMBDA_MINUTES, environment = {} } = options;
  const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
    retention: logs.RetentionDays.SIX_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const made = new lambda.DockerImageFunction(scope, id, {
    code: lambda.DockerImageCode.fromImageAsset(REPOSITORY, { target: 'lambda', cmd: [`${handler}.handler`] }),
    architecture: lambda.Architecture.X86_64,
    memorySize: memoryMb,
    ephemeralStorageSize: StorageSize.gibibytes(LAMBDA_STORAGE_GB),
    timeout: Duration.minutes(minutes),
    environment: { ...variablesOf(data), ...environment },
    environmentEncryption: data.key,
    vpc: data.vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    securityGroups: [data.computeGroup],
    logGroup,
    tracing: lambda.Tracing.ACTIVE,
  });
  grantData(data, made);
  acknowledgeGrants(made.role!, data);
  acknowledgeFunctionPolicies(made.role!);
  acknowledgeWildcards(made.role!, ['Resource::*'], 'Traces are written without a resource.');
  return made;
}

export type TaskOptions = {
  readonly data: DataStack;
  readonly cpu: number;
  readonly memoryMb: number;
  readonly entryPoint: readonly string[];
  /** Beside what every part is told. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, ecs.Secret>>;
  /** Listened on. */
  readonly port?: number;
  /** JavaScript that ends with 0 while the container is well. */
  readonly health?: string;
};

/** A container task from the image. */
export function imageTask(
  scope: Construct,
  id: string,
  { data, cpu, memoryMb, entryPoint, environment, secrets, port, health }: TaskOptions,
): ecs.FargateTaskDefinition {
  const task = new ecs.FargateTaskDefinition(scope, id, {
    cpu,
    memoryLimitMiB: memoryMb,
    ephemeralStorageGiB: 200,
    runtimePlatform: {
      cpuArchitecture: ecs.CpuArchitecture.X86_64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
  });
  const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
    retention: logs.RetentionDays.SIX_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  task.addContainer('assay', {
    image: ecs.ContainerImage.fromAsset(REPOSITORY, { target: 'runtime' }),
    entryPoint: [...entryPoint],
    environment: { ...variablesOf(data), ...environment },
    ...(secrets && { secrets: { ...secrets } }),
    ...(port !== undefined && { portMappings: [{ containerPort: port }] }),
    ...(health !== undefined && {
      healthCheck: { command: ['CMD', 'node', '-e', health], startPeriod: Duration.seconds(300) },
    }),
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: id.toLowerCase(), logGroup }),
    stopTimeout: Duration.seconds(30),
  });
  grantData(data, task.taskRole);
  acknowledge(task, 'ECS2', 'The variables say where data lies; secrets are read by the program from Secrets Manager.');
  acknowledgeGrants(task.taskRole, data);
  acknowledgeWildcards(task.obtainExecutionRole(), ['Resource::*'], 'A registry is logged in to without a resource.');
  return task;
}

const GRANTED_ACTIONS = [
  's3:Abort*',
  's3:DeleteObject*',
  's3:GetBucket*',
  's3:GetObject*',
  's3:List*',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
];

/** Findings that come with CDK's own grants: narrow in resource, wide in spelling. */
export function acknowledgeGrants(role: iam.IRole, data: DataStack): void {
  const actions = GRANTED_ACTIONS.map((action) => `Action::${action}`);
  acknowledgeWildcards(
    role,
    actions,
    "CDK's grant of one bucket or key: every verb of one kind on that resource alone.",
  );
  acknowledgeWildcards(role, [lakeObjects(data.stackName)], 'Objects of the lake are not known beforehand.');
}

export function answerTokens(): iam.PolicyStatement {
  // These calls take no resource: the token itself is the permission.
  const calls = ['SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat'];
  return new iam.PolicyStatement({ actions: calls.map((call) => `states:${call}`), resources: ['*'] });
}
