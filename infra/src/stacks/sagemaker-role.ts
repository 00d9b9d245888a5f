import { Stack } from 'aws-cdk-lib';
import type * as assets from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../nag.ts';
import { acknowledgeGrants } from './compute.ts';
import type { DataStack } from './data-stack.ts';

/** What SageMaker's containers need inside the network, beside the data: the image, logs, metrics, network interfaces, the key. */
export function sagemakerRole(
  scope: Construct,
  id: string,
  { data, image }: { readonly data: DataStack; readonly image: assets.DockerImageAsset },
): iam.Role {
  const { partition, region, account } = Stack.of(scope);
  const role = new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
  data.key.grantEncryptDecrypt(role);
  image.repository.grantPull(role);
  const logGroup = `log-group:/aws/sagemaker/*`;
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      resources: [`arn:${partition}:logs:${region}:${account}:${logGroup}`],
    }),
  );
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'cloudwatch:namespace': ['/aws/sagemaker/Endpoints', '/aws/sagemaker/TrainingJobs'] },
      },
    }),
  );
  role.addToPolicy(new iam.PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }));
  acknowledgeGrants(role, data);
  acknowledgeWildcards(
    role,
    ['Resource::*', `Resource::arn:<AWS::Partition>:logs:${region}:${account}:${logGroup}`],
    'Metrics and network interfaces have no resources; log groups are named by SageMaker.',
  );
  return role;
}

const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:CreateNetworkInterfacePermission',
  'ec2:DeleteNetworkInterface',
  'ec2:DeleteNetworkInterfacePermission',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeVpcs',
  'ec2:DescribeDhcpOptions',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
];
