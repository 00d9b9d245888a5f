import { Duration, Stack } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as sagemaker from 'aws-cdk-lib/aws-sagemaker';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ApprovedModel } from '../environment.ts';
import { VARIANT } from '../model-states.ts';
import { acknowledge, acknowledgeWildcards, lakeObjects } from '../nag.ts';
import { REPOSITORY } from '../repository.ts';
import { sizeOf } from '../sizes.ts';
import type { DataStack, EnvironmentProps } from './data-stack.ts';
import { sagemakerRole } from './sagemaker-role.ts';

export type ServingProps = EnvironmentProps & { readonly data: DataStack; readonly alarms: sns.ITopic };

/** Share of requests whose input and output are kept for SageMaker's Model Monitor. */
const CAPTURED_PERCENT = 100;
/** Requests a minute and instance beyond which another one is added. Chosen, not measured: look at the alarm of latency before raising it. */
const REQUESTS_PER_MINUTE = 3_000;
/** One in a hundred requests slower than this, in microseconds, is too slow for a decision that waits for it. */
const SLOW_MICROSECONDS = 100_000;
const ERRORS_PER_MINUTE = 5;

/** Real-time scores by the container of this repository, behind SageMaker. */
export class ServingStack extends Stack {
  readonly image: assets.DockerImageAsset;
  readonly group: sagemaker.CfnModelPackageGroup;
  /** Of models and their endpoint. */
  readonly role: iam.Role;
  readonly endpointName: string;
  /** Ring when the endpoint does badly: while a new version comes in, they bring the old one back. */
  readonly endpointAlarms: readonly string[];

  constructor(scope: Construct, id: string, { environment, data, alarms, ...props }: ServingProps) {
    super(scope, id, props);
    this.image = new assets.DockerImageAsset(this, 'Image', {
      directory: REPOSITORY,
      target: 'runtime',
      platform: assets.Platform.LINUX_AMD64,
    });
    this.group = new sagemaker.CfnModelPackageGroup(this, 'Versions', {
      modelPackageGroupName: `${this.stackName}-versions`,
      modelPackageGroupDescription: 'Model versions of Assay, as approved in its registry',
    });
    this.role = sagemakerRole(this, 'EndpointRole', { data, image: this.image });
    data.lake.grantRead(this.role);
    data.lake.grantPut(this.role, 'captured/*');
    data.lake.grantPut(this.role, 'transformed/*');
    acknowledgeWildcards(
      this.role,
      ['captured/*', 'transformed/*'].map((below) => lakeObjects(data.stackName, below)),
      'Captured requests and transformed rows are named by SageMaker.',
    );
    this.endpointName = this.stackName;
    this.endpointAlarms = this.#alarms(alarms);
    if (environment.approvedModel) this.#endpoint(environment.size, data, environment.approvedModel);
  }

  /** On the endpoint by its name, so that they are there before it is. */
  #alarms(topic: sns.ITopic): string[] {
    const metric = (metricName: string, statistic: string): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace: 'AWS/SageMaker',
        metricName,
        statistic,
        period: Duration.minutes(1),
        dimensionsMap: { EndpointName: this.endpointName, VariantName: VARIANT },
      });
    const rules = [
      ['errors', metric('Invocation5XXErrors', 'sum'), ERRORS_PER_MINUTE, 'The endpoint answers with errors.'],
      ['slow', metric('ModelLatency', 'p99'), SLOW_MICROSECONDS, 'The endpoint takes too long.'],
    ] as const;
    return rules.map(([name, watched, threshold, alarmDescription]) => {
      const alarmName = `${this.endpointName}-endpoint-${name}`;
      const alarm = new cloudwatch.Alarm(this, `Endpoint-${name}`, {
        alarmName,
        metric: watched,
        threshold,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        alarmDescription,
      });
      alarm.addAlarmAction(new actions.SnsAction(topic));
      return alarmName;
    });
  }

  #endpoint(sizeName: EnvironmentProps['environment']['size'], data: DataStack, approved: ApprovedModel): void {
    const { role } = this;
    const { instanceType, instances, maxInstances } = sizeOf(sizeName).endpoint;
    const model = new sagemaker.CfnModel(this, 'Model', {
      executionRoleArn: role.roleArn,
      enableNetworkIsolation: true,
      primaryContainer: {
        image: this.image.imageUri,
        modelDataUrl: `s3://${data.lake.bucketName}/${approved.modelKey}`,
        environment: { ASSAY_TRUSTED_KEY_IDS: approved.signingKeyId },
      },
      vpcConfig: {
        subnets: data.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }).subnetIds,
        securityGroupIds: [data.computeGroup.securityGroupId],
      },
    });
    model.node.addDependency(role);
    const config = new sagemaker.CfnEndpointConfig(this, 'EndpointConfig', {
      kmsKeyId: data.key.keyArn,
      productionVariants: [
        {
          variantName: VARIANT,
          modelName: model.attrModelName,
          initialVariantWeight: 1,
          initialInstanceCount: instances,
          instanceType,
        },
      ],
      dataCaptureConfig: {
        enableCapture: true,
        initialSamplingPercentage: CAPTURED_PERCENT,
        destinationS3Uri: `s3://${data.lake.bucketName}/captured/${approved.modelVersion}`,
        kmsKeyId: data.key.keyArn,
        captureOptions: [{ captureMode: 'Input' }, { captureMode: 'Output' }],
        captureContentTypeHeader: {
          jsonContentTypes: ['application/json', 'application/jsonlines'],
          csvContentTypes: ['text/csv'],
        },
      },
    });
    const endpoint = new sagemaker.CfnEndpoint(this, 'Endpoint', {
      endpointName: this.endpointName,
      endpointConfigName: config.attrEndpointConfigName,
      retainAllVariantProperties: true,
    });
    this.#scaling(endpoint, instances, maxInstances);
    acknowledge(endpoint, 'SM2', 'The volume is encrypted by the key of the configuration.');
  }

  #scaling(endpoint: sagemaker.CfnEndpoint, minCapacity: number, maxCapacity: number): void {
    const target = new scaling.ScalableTarget(this, 'Scaling', {
      serviceNamespace: scaling.ServiceNamespace.SAGEMAKER,
      resourceId: `endpoint/${this.endpointName}/variant/${VARIANT}`,
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      minCapacity,
      maxCapacity,
    });
    target.node.addDependency(endpoint);
    target.scaleToTrackMetric('Requests', {
      predefinedMetric: scaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE,
      targetValue: REQUESTS_PER_MINUTE,
      scaleInCooldown: Duration.minutes(10),
      scaleOutCooldown: Duration.minutes(1),
    });
  }
}
