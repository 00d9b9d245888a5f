import { Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as redshift from 'aws-cdk-lib/aws-redshiftserverless';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secrets from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import { acknowledge, acknowledgeWildcards } from '../nag.ts';
import { sizeOf } from '../sizes.ts';

export type EnvironmentProps = StackProps & { readonly environment: Environment };

/** Services reached without leaving the network: there is no way out to the internet at all. */
const ENDPOINTS = [
  'ECR',
  'ECR_DOCKER',
  'CLOUDWATCH_LOGS',
  'CLOUDWATCH_MONITORING',
  'SECRETS_MANAGER',
  'KMS',
  'KINESIS_STREAMS',
  'STEP_FUNCTIONS',
  'REDSHIFT_DATA',
] as const;

/** Everything that holds data: network, keys, lake, audit store, PostgreSQL, marts, secrets. */
export class DataStack extends Stack {
  readonly key: kms.Key;
  readonly vpc: ec2.Vpc;
  readonly lake: s3.Bucket;
  readonly audit: s3.Bucket;
  readonly database: rds.DatabaseInstance;
  readonly databaseSecret: secrets.ISecret;
  /** Signs model versions and checkpoints; never leaves KMS. */
  readonly signingKey: kms.Key;
  /** Public keys that signed before (DER, base64): what they signed still verifies. */
  readonly earlierSigners: readonly string[];
  readonly balancerLogs: s3.Bucket;
  readonly masterSecret: secrets.Secret;
  readonly sealedSecret: secrets.Secret;
  /** First password of the users that the first start makes. */
  readonly seedSecret: secrets.Secret;
  readonly workgroup: redshift.CfnWorkgroup;
  readonly martsSecret: secrets.Secret;
  /** Of everything that computes: may reach the database and the endpoints. */
  readonly computeGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, { environment, ...props }: EnvironmentProps) {
    super(scope, id, props);
    const removalPolicy = environment.keepOnDestroy ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.key = new kms.Key(this, 'Key', { enableKeyRotation: true, removalPolicy, description: 'Assay: data at rest' });
    const size = sizeOf(environment.size);
    this.vpc = this.#network(size.zones);
    this.computeGroup = new ec2.SecurityGroup(this, 'Compute', { vpc: this.vpc, description: 'Assay: what computes' });
    const accessLogs = this.#accessLogs('AccessLogs', removalPolicy);
    this.lake = this.#lake(accessLogs, removalPolicy);
    this.audit = this.#auditStore(accessLogs, environment.auditRetentionYears);
    this.database = this.#postgres(environment, removalPolicy);
    this.databaseSecret = this.database.secret!;
    this.signingKey = this.#signingKey();
    this.earlierSigners = environment.earlierSigners ?? [];
    this.balancerLogs = this.#balancerLogs(removalPolicy);
    this.masterSecret = this.#masterSecret(removalPolicy);
    this.sealedSecret = this.#sealedSecret(removalPolicy);
    this.seedSecret = this.#seedSecret(removalPolicy);
    this.martsSecret = this.#martsSecret(removalPolicy);
    this.workgroup = this.#marts(size.redshiftBaseRpu);
  }

  /** By position: the account is not asked while synthesising. */
  override get availabilityZones(): string[] {
    return [0, 1, 2].map((i) => Fn.select(i, Fn.getAzs()));
  }

  #network(maxAzs: number): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Network', {
      maxAzs,
      natGateways: 0,
      subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 22 }],
      restrictDefaultSecurityGroup: false,
    });
    const logGroup = new logs.LogGroup(this, 'FlowLogs', {
      retention: logs.RetentionDays.SIX_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('Flow', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup) });
    vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    const endpointGroup = new ec2.SecurityGroup(this, 'Endpoints', {
      vpc,
      description: 'Assay: endpoints of AWS services',
    });
    endpointGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(443), 'from inside the network');
    acknowledge(
      endpointGroup,
      'EC23',
      'Open to the network itself only; its address block is a reference that the rule cannot read.',
    );
    for (const name of ENDPOINTS)
      vpc.addInterfaceEndpoint(name, {
        service: ec2.InterfaceVpcEndpointAwsService[name],
        securityGroups: [endpointGroup],
      });
    return vpc;
  }

  #accessLogs(id: string, removalPolicy: RemovalPolicy): s3.Bucket {
    return new s3.Bucket(this, id, {
      ...PRIVATE,
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ expiration: Duration.days(400) }],
      removalPolicy,
    });
  }

  /** Who asked the server, and when: written by the balancer itself. */
  #balancerLogs(removalPolicy: RemovalPolicy): s3.Bucket {
    const bucket = this.#accessLogs('BalancerLogs', removalPolicy);
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${this.account}/*`)],
      }),
    );
    acknowledge(bucket, 'S1', 'It holds logs itself; a log of who read logs would never end.');
    return bucket;
  }

  #lake(serverAccessLogsBucket: s3.Bucket, removalPolicy: RemovalPolicy): s3.Bucket {
    return new s3.Bucket(this, 'Lake', {
      ...PRIVATE,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket,
      serverAccessLogsPrefix: 'lake/',
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(2), noncurrentVersionExpiration: Duration.days(90) },
        {
          // Source files are read again only when a book is rebuilt.
          tagFilters: { zone: 'raw' },
          transitions: [
            { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
        },
      ],
      removalPolicy,
    });
  }

  /** Checkpoints of the audit log: nobody, the account's root included, deletes or changes one before its time. */
  #auditStore(serverAccessLogsBucket: s3.Bucket, retentionYears: number): s3.Bucket {
    return new s3.Bucket(this, 'Audit', {
      ...PRIVATE,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: s3.ObjectLockRetention.compliance(Duration.days(Math.round(retentionYears * 365.25))),
      serverAccessLogsBucket,
      serverAccessLogsPrefix: 'audit/',
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #postgres(environment: Environment, removalPolicy: RemovalPolicy): rds.DatabaseInstance {
    const { database } = sizeOf(environment.size);
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of('18', '18') });
    const parameterGroup = new rds.ParameterGroup(this, 'PostgresParameters', {
      engine,
      parameters: { 'rds.force_ssl': '1', log_min_duration_statement: '1000' },
    });
    const instance = new rds.DatabaseInstance(this, 'Postgres', {
      engine,
      parameterGroup,
      databaseName: 'assay',
      credentials: rds.Credentials.fromGeneratedSecret('assay', { encryptionKey: this.key }),
      instanceType: new ec2.InstanceType(database.instanceType),
      multiAz: database.multiAz,
      allocatedStorage: database.storageGb,
      maxAllocatedStorage: database.storageGb * 4,
      storageEncrypted: true,
      storageEncryptionKey: this.key,
      vpc: this.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      port: 5433,
      iamAuthentication: true,
      backupRetention: Duration.days(35),
      deleteAutomatedBackups: !environment.keepOnDestroy,
      deletionProtection: environment.keepOnDestroy,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: this.key,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      autoMinorVersionUpgrade: true,
      removalPolicy: environment.keepOnDestroy ? RemovalPolicy.SNAPSHOT : removalPolicy,
    });
    instance.connections.allowDefaultPortFrom(this.computeGroup, 'steps and servers');
    acknowledge(
      instance.node.findChild('Secret'),
      'SMG4',
      'Rotated by hand with a restart (docs/deploy-to-aws.md): a rotation function would need a way out of the network.',
    );
    if (!database.multiAz)
      acknowledge(instance, 'RDS3', 'The small size trades a standby for cost; point-in-time recovery covers 35 days.');
    if (!environment.keepOnDestroy) acknowledge(instance, 'RDS10', 'A trial that may be destroyed.');
    return instance;
  }

  /** ECDSA: Ed25519 of KMS signs 4 KiB at most. Kept when everything else goes: its id stands in records. */
  #signingKey(): kms.Key {
    return new kms.Key(this, 'SigningKey', {
      keySpec: kms.KeySpec.ECC_NIST_P256,
      keyUsage: kms.KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
      description: 'Assay: signs model versions and checkpoints',
    });
  }

  #masterSecret(removalPolicy: RemovalPolicy): secrets.Secret {
    const secret = new secrets.Secret(this, 'MasterKey', {
      encryptionKey: this.key,
      description: 'Assay: master key of the keys of persons (keys/master.key); put in by hand before the first run',
      removalPolicy,
    });
    acknowledge(secret, 'SMG4', 'Every key of a person is wrapped by it: another key in its place would read nobody.');
    return secret;
  }

  #sealedSecret(removalPolicy: RemovalPolicy): secrets.Secret {
    const secret = new secrets.Secret(this, 'SealedKey', {
      encryptionKey: this.key,
      description: 'Assay: key of protected traits (keys/protected.key); put in by hand before the first run',
      removalPolicy,
    });
    acknowledge(secret, 'SMG4', 'What lies in the sealed zone was encrypted under it.');
    return secret;
  }

  #seedSecret(removalPolicy: RemovalPolicy): secrets.Secret {
    const secret = new secrets.Secret(this, 'FirstPassword', {
      encryptionKey: this.key,
      description: 'Assay: password of the users made at the first start, until each has one of their own',
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy,
    });
    acknowledge(secret, 'SMG4', 'Read once, when the users are made; a later value changes nobody.');
    return secret;
  }

  #martsSecret(removalPolicy: RemovalPolicy): secrets.Secret {
    const secret = new secrets.Secret(this, 'MartsLogin', {
      encryptionKey: this.key,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'assay' }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: 40,
      },
      removalPolicy,
    });
    acknowledge(
      secret,
      'SMG4',
      'Programs log in to Redshift by role; this login is for QuickSight, and renewed by a deployment.',
    );
    return secret;
  }

  #martsRole(): iam.Role {
    const role = new iam.Role(this, 'MartsRole', { assumedBy: new iam.ServicePrincipal('redshift.amazonaws.com') });
    this.lake.grantRead(role, 'books/*');
    this.key.grantDecrypt(role);
    for (const action of ['s3:GetBucket*', 's3:GetObject*', 's3:List*'])
      acknowledge(role, `IAM5[Action::${action}]`, "CDK's grant to read one bucket.");
    const books = `Resource::<${this.getLogicalId(this.lake.node.defaultChild as s3.CfnBucket)}.Arn>/books/*`;
    acknowledgeWildcards(role, [books], 'Marts of any book: their objects are not known beforehand.');
    return role;
  }

  #marts(baseCapacity: number): redshift.CfnWorkgroup {
    const group = new ec2.SecurityGroup(this, 'Marts', { vpc: this.vpc, description: 'Assay: marts' });
    group.addIngressRule(this.computeGroup, ec2.Port.tcp(5439), 'steps and servers');
    const { roleArn } = this.#martsRole();
    const namespace = new redshift.CfnNamespace(this, 'MartsNamespace', {
      namespaceName: this.stackName.toLowerCase(),
      dbName: 'assay',
      kmsKeyId: this.key.keyArn,
      adminUsername: 'assay',
      adminUserPassword: this.martsSecret.secretValueFromJson('password').unsafeUnwrap(),
      // What COPY reads the lake with.
      iamRoles: [roleArn],
      defaultIamRoleArn: roleArn,
      logExports: ['userlog', 'connectionlog', 'useractivitylog'],
    });
    const workgroup = new redshift.CfnWorkgroup(this, 'MartsWorkgroup', {
      workgroupName: this.stackName.toLowerCase(),
      namespaceName: namespace.namespaceName,
      baseCapacity,
      enhancedVpcRouting: true,
      publiclyAccessible: false,
      securityGroupIds: [group.securityGroupId],
      subnetIds: this.vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
      configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
    });
    workgroup.addResourceDependency(namespace);
    return workgroup;
  }
}

const PRIVATE = { blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true } as const;
