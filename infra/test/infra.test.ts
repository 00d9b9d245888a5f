/**
 * What the stacks promise, read off their templates for every size: cdk-nag without an unexplained finding (synthesis fails else), nothing
 * public, everything encrypted by our key, the audit store locked, the state machine that of the repository with every Task replaced,
 * events consumed with partial failures, marts of the dashboard that exist. Not tested here: that AWS accepts and runs it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CHART_IDS, FIGURES, figureColumn } from '../../src/portfolio/overview-spec.ts';
import { buildApp } from '../src/build-app.ts';
import { CATALOG_TABLES } from '../src/catalog/tables.ts';
import { ALARMS, costTable, ENDPOINTS, estimateCost, KEYS, SECRETS } from '../src/cost.ts';
import { DATA_SETS, SHEETS } from '../src/dashboard/specification.ts';
import { type Environment, parseEnvironment, readEnvironment } from '../src/environment.ts';
import { PRICED } from '../src/priced.ts';
import { repositoryFile } from '../src/repository.ts';
import { SIZES, type SizeName } from '../src/sizes.ts';
import { cloudDefinition, taskNames } from '../src/state-machine.ts';

type Resource = { readonly Type: string; readonly Properties: Record<string, unknown> };
type GlueTable = {
  readonly Name: string;
  readonly StorageDescriptor: {
    readonly Location: unknown;
    readonly Columns: readonly { readonly Name: string; readonly Type: string }[];
  };
};
type Template = { readonly Resources: Readonly<Record<string, Resource>> };

const folder = mkdtempSync(join(tmpdir(), 'assay-infra-'));
after(() => {
  const keep = process.env['ASSAY_TEMPLATES'];
  if (keep === undefined) return rmSync(folder, { recursive: true });
  writeFileSync(keep, folder);
});

const example = readEnvironment('example');
const approved = {
  modelKey: 'books/simulated-bank/exports/model.tar.gz',
  modelVersion: 'v1',
  signingKeyId: '0123456789abcdef',
};
const document = JSON.parse(repositoryFile('src/pipeline/credit-risk.asl.json'));

function templatesOf(environment: Environment): Template[] {
  const outdir = join(folder, environment.size);
  buildApp({ ...environment, approvedModel: approved }, { outdir }).synth();
  return readdirSync(outdir)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => JSON.parse(readFileSync(join(outdir, file), 'utf8')));
}

const resourcesOf = (templates: readonly Template[], type: string): Resource['Properties'][] =>
  templates.flatMap(({ Resources }) =>
    Object.values(Resources)
      .filter((resource) => resource.Type === type)
      .map(({ Properties }) => Properties),
  );

for (const size of Object.keys(SIZES) as SizeName[]) {
  describe(size, () => {
    const templates = templatesOf({ ...example, size });
    const all = (type: string): Resource['Properties'][] => resourcesOf(templates, type);
    const one = (type: string): Resource['Properties'] => {
      const found = all(type);
      assert.equal(found.length, 1, `${found.length} of ${type}`);
      return found[0]!;
    };

    test('nothing is public', () => {
      for (const bucket of all('AWS::S3::Bucket')) {
        const block = bucket['PublicAccessBlockConfiguration'];
        assert.deepEqual(block, {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        });
      }
      assert.equal(one('AWS::RDS::DBInstance')['PubliclyAccessible'], false);
      assert.equal(one('AWS::RedshiftServerless::Workgroup')['PubliclyAccessible'], false);
      for (const type of ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::Lambda::Url'])
        assert.deepEqual(all(type), [], type);
      for (const subnet of all('AWS::EC2::Subnet')) assert.equal(subnet['MapPublicIpOnLaunch'], false);
      const open = all('AWS::EC2::SecurityGroup').flatMap(
        (group) => (group['SecurityGroupIngress'] as { CidrIp?: unknown }[]) ?? [],
      );
      assert.deepEqual(
        open.filter(({ CidrIp }) => CidrIp === '0.0.0.0/0'),
        [],
      );
    });

    test('data at rest is under a key that rotates', () => {
      const [data, ...others] = all('AWS::KMS::Key').filter((key) => key['KeyUsage'] !== 'SIGN_VERIFY');
      assert.equal(data?.['EnableKeyRotation'], true);
      assert.deepEqual(others, []);
      assert.ok(one('AWS::RDS::DBInstance')['KmsKeyId']);
      assert.ok(one('AWS::RedshiftServerless::Namespace')['KmsKeyId']);
      assert.ok((one('AWS::Kinesis::Stream')['StreamEncryption'] as { KeyId?: unknown }).KeyId);
      assert.ok(one('AWS::SQS::Queue')['KmsMasterKeyId']);
      assert.ok(one('AWS::SNS::Topic')['KmsMasterKeyId']);
      for (const secret of all('AWS::SecretsManager::Secret')) assert.ok(secret['KmsKeyId']);
      for (const made of all('AWS::Lambda::Function').filter((fn) => fn['PackageType'] === 'Image'))
        assert.ok(made['KmsKeyArn']);
    });

    test('a checkpoint of the audit log cannot be deleted before its time', () => {
      const locked = all('AWS::S3::Bucket').filter((bucket) => bucket['ObjectLockEnabled'] === true);
      assert.deepEqual(
        locked.map((bucket) => bucket['ObjectLockConfiguration']),
        [{ ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 3653, Mode: 'COMPLIANCE' } } }],
      );
    });

    test('the state machine is the one of the repository, every Task with a cloud resource', () => {
      const text = JSON.stringify(
        all('AWS::StepFunctions::StateMachine').map((machine) => machine['DefinitionString']),
      );
      for (const name of Object.keys(document.States)) assert.ok(text.includes(name), name);
      assert.doesNotMatch(text, /\$\{\w+\}/);
      const expected =
        size === 'small'
          ? /Fn::GetAtt.*Step/
          : /ecs:runTask\.waitForTaskToken.*glue:startJobRun\.sync|glue:startJobRun\.sync.*ecs:runTask\.waitForTaskToken/;
      assert.match(text, expected);
    });

    test('records that fail are sent again alone, and end in the queue', () => {
      const source = one('AWS::Lambda::EventSourceMapping');
      assert.deepEqual(source['FunctionResponseTypes'], ['ReportBatchItemFailures']);
      assert.equal(source['BisectBatchOnFunctionError'], true);
      assert.ok(source['DestinationConfig']);
    });

    test('the endpoint is cut off from the network, trusts one key and keeps what monitoring needs', () => {
      const model = one('AWS::SageMaker::Model');
      assert.equal(model['EnableNetworkIsolation'], true);
      const { Environment } = model['PrimaryContainer'] as { Environment: unknown };
      assert.deepEqual(Environment, { ASSAY_TRUSTED_KEY_IDS: approved.signingKeyId });
      const { EnableCapture } = one('AWS::SageMaker::EndpointConfig')['DataCaptureConfig'] as {
        EnableCapture: unknown;
      };
      assert.equal(EnableCapture, true);
    });

    test('every catalog table lies where the pipeline lists its objects, without protected traits', () => {
      const tables = all('AWS::Glue::Table').map(({ TableInput }) => TableInput as GlueTable);
      assert.equal(tables.length, CATALOG_TABLES.length);
      for (const { zone, name, columns } of CATALOG_TABLES) {
        const folder = `/books/${example.portfolio}/data/tables/${zone}/${name}/"`;
        const found = tables.filter(({ StorageDescriptor }) =>
          JSON.stringify(StorageDescriptor.Location).includes(folder),
        );
        assert.deepEqual(
          found.map(({ Name }) => Name),
          [name],
        );
        assert.deepEqual(
          found[0]!.StorageDescriptor.Columns.map((column) => [column.Name, column.Type]),
          columns.map(({ name, type }) => [name, type]),
        );
      }
      const borrowers = tables.find(({ Name }) => Name === 'borrowers')!.StorageDescriptor.Columns;
      assert.ok(borrowers.length > 3 && !borrowers.some(({ Name }) => Name === 'ethnic_group'));
      const { EnforceWorkGroupConfiguration, ResultConfiguration } = one('AWS::Athena::WorkGroup')[
        'WorkGroupConfiguration'
      ] as { EnforceWorkGroupConfiguration: boolean; ResultConfiguration: { EncryptionConfiguration: object } };
      assert.equal(EnforceWorkGroupConfiguration, true);
      assert.ok(ResultConfiguration.EncryptionConfiguration);
    });

    test('what signs is a key in KMS, kept for good, that every part may ask and no part may read', () => {
      const [signing] = all('AWS::KMS::Key').filter((key) => key['KeyUsage'] === 'SIGN_VERIFY');
      assert.equal(signing?.['KeySpec'], 'ECC_NIST_P256');
      const kept = templates.flatMap(({ Resources }) =>
        Object.values(Resources).filter(({ Properties }) => Properties?.['KeyUsage'] === 'SIGN_VERIFY'),
      );
      assert.deepEqual(
        kept.map((resource) => (resource as { DeletionPolicy?: string }).DeletionPolicy),
        ['Retain'],
      );
      const text = JSON.stringify(templates);
      assert.match(text, /"kms:Sign","kms:GetPublicKey"|"kms:GetPublicKey","kms:Sign"/);
      assert.doesNotMatch(text, /ASSAY_SIGNING_SECRET/);
    });

    test('API and pages run behind a balancer inside, checked by their health, more of them under load', () => {
      const balancer = one('AWS::ElasticLoadBalancingV2::LoadBalancer');
      assert.equal(balancer['Scheme'], 'internal');
      const listener = one('AWS::ElasticLoadBalancingV2::Listener');
      assert.equal(listener['Protocol'], 'HTTPS');
      assert.match(String(listener['SslPolicy']), /TLS13/);
      assert.equal(one('AWS::ElasticLoadBalancingV2::TargetGroup')['HealthCheckPath'], '/health');
      const { server } = SIZES[size];
      const service = one('AWS::ECS::Service');
      assert.equal(service['DesiredCount'], server.tasks);
      assert.match(JSON.stringify(service['DeploymentConfiguration']), /"Rollback":true/);
      assert.match(JSON.stringify(service['NetworkConfiguration']), /"AssignPublicIp":"DISABLED"/);
      const scaled = all('AWS::ApplicationAutoScaling::ScalableTarget').find(
        (target) => target['ServiceNamespace'] === 'ecs',
      );
      assert.deepEqual([scaled?.['MinCapacity'], scaled?.['MaxCapacity']], [server.tasks, server.maxTasks]);
      const containers = all('AWS::ECS::TaskDefinition').map((task) => JSON.stringify(task['ContainerDefinitions']));
      const text = containers.find((container) => container.includes('--no-run')) ?? '';
      for (const wanted of ['ASSAY_METRICS_NAMESPACE', 'ASSAY_AUDIT_URL', 'ASSAY_SIGNING_KMS_KEY', '/health'])
        assert.ok(text.includes(wanted), wanted);
      assert.match(text, /"Secrets":\[\{"Name":"ASSAY_SEED_PASSWORD"/);
      const groups = all('AWS::EC2::SecurityGroup').filter(
        (group) => group['GroupDescription'] === 'Assay: who may ask',
      );
      const rules = groups.flatMap((group) => group['SecurityGroupIngress'] as { CidrIp: string; FromPort: number }[]);
      assert.deepEqual(
        rules.map(({ CidrIp, FromPort }) => [CidrIp, FromPort]),
        [[example.clientCidrs[0], 443]],
      );
    });

    test('an alarm watches each thing that can go wrong, and every alarm tells somebody', () => {
      const alarms = all('AWS::CloudWatch::Alarm');
      const watched = alarms.map((alarm) => String(alarm['MetricName']));
      const wanted = [
        ...['ServerErrors', 'DecisionSeconds', 'StreamBehindSeconds', 'DeadLettersWaiting', 'ScorePsi', 'ModelAgeDays'],
        ...['ExecutionsFailed', 'ExecutionsSucceeded', 'GetRecords.IteratorAgeMilliseconds', 'Throttles'],
        ...['ApproximateNumberOfMessagesVisible', 'Invocation5XXErrors', 'ModelLatency'],
      ];
      for (const name of wanted) assert.ok(watched.includes(name), name);
      for (const alarm of alarms) assert.equal((alarm['AlarmActions'] as unknown[])?.length, 1);
      const slow = alarms.find((alarm) => alarm['MetricName'] === 'DecisionSeconds');
      assert.equal(slow?.['ExtendedStatistic'], 'p99');
      assert.equal(alarms.length, ALARMS);
    });

    test('SageMaker states name their roles, keys, network and limits', () => {
      const text = all('AWS::StepFunctions::StateMachine')
        .map((machine) => JSON.stringify(machine['DefinitionString']).replaceAll('\\', ''))
        .join('');
      for (const wanted of [
        'sagemaker:createTrainingJob.sync',
        '"MaxRuntimeInSeconds":86400',
        '"EnableInterContainerTrafficEncryption":true',
        `"InstanceType":"${SIZES[size].trainingInstanceType}"`,
        "States.Hash($.registered.modelVersion, 'MD5')",
        '"ModelApprovalStatus":"PendingManualApproval"',
        'lambda:invoke.waitForTaskToken',
        '"Type":"CANARY"',
        'AutoRollbackConfiguration',
        'sagemaker:createTransformJob.sync',
      ])
        assert.ok(text.includes(wanted), wanted);
      const endpoint = all('AWS::ApplicationAutoScaling::ScalableTarget').find(
        (target) => target['ServiceNamespace'] === 'sagemaker',
      );
      const { instances, maxInstances } = SIZES[size].endpoint;
      assert.deepEqual([endpoint?.['MinCapacity'], endpoint?.['MaxCapacity']], [instances, maxInstances]);
    });

    test('every kind of resource has a price line, or a reason why none', () => {
      const lines = new Set(estimateCost(size).lines.map(({ item }) => item));
      const kinds = new Set(templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)));
      for (const kind of kinds) {
        const price = PRICED[kind];
        assert.ok(price !== undefined, `${kind} has neither`);
        if ('line' in price) assert.ok(lines.has(price.line), `${kind}: no line ${price.line}`);
      }
      assert.equal(all('AWS::SecretsManager::Secret').length, SECRETS);
      assert.equal(all('AWS::KMS::Key').length, KEYS);
      const endpoints = all('AWS::EC2::VPCEndpoint').filter((endpoint) => endpoint['VpcEndpointType'] === 'Interface');
      assert.equal(endpoints.length, ENDPOINTS);
    });

    test('no secret stands in a template', () => {
      const text = JSON.stringify(templates);
      assert.doesNotMatch(text, /BEGIN [A-Z ]*PRIVATE KEY|"MasterUserPassword":"[^{]|AKIA[0-9A-Z]{16}/);
    });
  });
}

test('states, order, retries and catches are those of the document', () => {
  const targets = Object.fromEntries(taskNames(JSON.stringify(document)).map((name) => [name, { Resource: 'arn' }]));
  const cloud = JSON.parse(cloudDefinition(JSON.stringify(document), targets));
  assert.equal(cloud.StartAt, document.StartAt);
  for (const [name, state] of Object.entries<Record<string, unknown>>(document.States)) {
    for (const field of ['Type', 'Next', 'Default', 'Choices', 'Catch', 'ResultPath', 'TimeoutSeconds', 'End'])
      assert.deepEqual(cloud.States[name][field], state[field], `${name}.${field}`);
  }
  assert.throws(
    () => cloudDefinition(JSON.stringify(document), { ...targets, Nothing: { Resource: 'arn' } }),
    /no Task.*Nothing/,
  );
  const { LandRaw: _, ...fewer } = targets;
  assert.throws(() => cloudDefinition(JSON.stringify(document), fewer), /no cloud resource for the Task LandRaw/);
});

test('each figure and chart of the page Overview has its visual, and each visual reads columns of its data set', () => {
  const visuals = SHEETS.flatMap((sheet) => sheet.visuals);
  const columnsOf = new Map(DATA_SETS.map(({ name, columns }) => [name, Object.keys(columns)]));
  const figures = visuals.flatMap((visual) => (visual.kind === 'kpi' ? [visual.measure.column] : []));
  assert.deepEqual(
    figures,
    FIGURES.map(({ key }) => figureColumn(key)),
  );
  assert.equal(visuals.length, FIGURES.length + CHART_IDS.length);
  for (const visual of visuals) {
    const read =
      visual.kind === 'kpi'
        ? [visual.measure.column]
        : [visual.category, ...[...visual.bars, ...visual.lines].map(({ column }) => column)];
    for (const column of read) assert.ok(columnsOf.get(visual.dataSet)?.includes(column), `${visual.id}: ${column}`);
  }
});

test('the dashboard of the template shows those visuals, by the SQL of the page', () => {
  const quickSightPrincipalArn = 'arn:aws:quicksight:eu-central-1:123456789012:user/default/analyst';
  const templates = templatesOf({ ...example, size: 'small', quickSightPrincipalArn });
  const sets = resourcesOf(templates, 'AWS::QuickSight::DataSet').map(({ PhysicalTableMap }) => PhysicalTableMap);
  for (const { sql, columns } of DATA_SETS) {
    const made = sets.find((map) => JSON.stringify(map).includes(JSON.stringify(sql)));
    for (const column of Object.keys(columns)) assert.ok(JSON.stringify(made).includes(`"Name":"${column}"`), column);
  }
  for (const type of ['AWS::QuickSight::Dashboard', 'AWS::QuickSight::Analysis']) {
    const [shown] = resourcesOf(templates, type);
    const text = JSON.stringify(shown);
    for (const { id, title } of SHEETS.flatMap(({ visuals }) => visuals))
      assert.ok(text.includes(`"VisualId":"${id}"`) && text.includes(JSON.stringify(title)), `${type} ${id}`);
  }
});

test('an environment file is checked field by field', () => {
  const { name: _, ...fields } = example;
  const bad = {
    account: '12',
    region: 'mars',
    size: 'huge',
    portfolio: '',
    estimators: [],
    alarmEmail: 'x',
    monthlyBudgetUsd: 0,
    keepOnDestroy: 'yes',
    auditRetentionYears: 0,
    clientCidrs: ['0.0.0.0/0'],
    certificateArn: 'x',
    earlierSigners: ['x'],
    approvedModel: { modelKey: 'x' },
    quickSightPrincipalArn: 'me',
  };
  for (const [field, value] of Object.entries(bad))
    assert.throws(
      () => parseEnvironment('x', { ...fields, [field]: value }),
      new RegExp(`${field} is not usable; given: .*; allowed: `),
    );
  assert.throws(() => parseEnvironment('x', { ...fields, sizes: 1 }), /unknown field; given: sizes/);
});

test('costs are sums of their lines, and the table in the guide is the one computed', () => {
  for (const size of Object.keys(SIZES) as SizeName[]) {
    const { lines, usdPerMonth } = estimateCost(size);
    assert.ok(lines.every((line) => line.usdPerMonth >= 0));
    assert.ok(Math.abs(lines.reduce((sum, line) => sum + line.usdPerMonth, 0) - usdPerMonth) < 1e-9);
  }
  assert.ok(repositoryFile('docs/deploy-to-aws.md').includes(costTable()), costTable());
});
