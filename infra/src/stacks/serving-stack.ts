import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sagemaker from 'aws-cdk-lib/aws-sagemaker';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards, lakeObjects } from '../nag.ts';
import { REPOSITORY } from '../repository.ts';
import { sizeOf } from '../sizes.ts';
import { acknowledgeGrants } from './compute.ts';
import type { DataStack, EnvironmentProps } from './data-stack.ts';

export type ServingProps = EnvironmentProps & {
  readonly data: DataStack;
  /** `model.tar.gz` of an approved version in the lake's bucket, and the key that signed it; unset: everything but the endpoint. */
  readonly approved?: { readonly modelKey: string; readonly modelVersion: string; readonly signingKeyId: string };
};

/** Share of requests whose input and output are kept for SageMaker's Model Monitor. */
const CAPTURED_PERCENT = 100;

/** Real-time scores by the container of this repository, behind SageMaker. */
export class ServingStack extends Stack {
  readonly image: assets.DockerImageAsset;
  readonly group: sagemaker.CfnModelPackageGroup;

  constructor(scope: Construct, id: string, { environment, data, approved, ...props }: ServingProps) {
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
    const role = this.#role(data);
    if (approved) this.#endpoint(environment.size, data, approved, role);
  }

  #role(data: DataStack): iam.Role {
    const role = new iam.Role(this, 'EndpointRole', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
    data.lake.grantRead(role);
    data.lake.grantPut(role, 'captured/*');
    data.key.grantEncryptDecrypt(role);
    this.image.repository.grantPull(role);
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': '/aws/sagemaker/Endpoints' } },
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [`arn:${this.partition}:logs:${this.region}:${this.account}:log-group:/aws/sagemaker/*`],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:CreateNetworkInterfacePermission',
          'ec2:DeleteNetworkInterface',
          'ec2:DeleteNetworkInterfacePermission',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeVpcs',
          'ec2:DescribeDhcpOptions',
          'ec2:DescribeSubnets',
          'ec2:DescribeSecurityGroups',
        ],
        resources: ['*'],
      }),
    );
    acknowledgeGrants(role, data);
    const logGroups = `arn:<AWS::Partition>:logs:${this.region}:${this.account}:log-group:/aws/sagemaker/*`;
    acknowledgeWildcards(
      role,
      ['Resource::*', `Resource::${logGroups}`, lakeObjects(data.stackName, 'captured/*')],
      'Metrics and network interfaces have no resources; log groups and captured files are named by SageMaker.',
    );
    return role;
  }

  #endpoint(
    sizeName: EnvironmentProps['environment']['size'],
    data: DataStack,
    approved: NonNullable<ServingProps['approved']>,
    role: iam.Role,
  ): void {
    const { instanceType, instances } = sizeOf(sizeName).endpoint;
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
          variantName: 'champion',
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
      endpointName: this.stackName,
      endpointConfigName: config.attrEndpointConfigName,
    });
    acknowledge(endpoint, 'SM2', 'The volume is encrypted by the key of the configuration.');
  }
}
