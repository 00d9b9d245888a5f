import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts a finding of cdk-nag on one construct, with the reason an auditor reads. `rule` as in its list: `S3`, `IAM5[Resource::*]`. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** Accepts wildcards of a role's policy one by one, as cdk-nag names them: a new one is a new finding. */
export function acknowledgeWildcards(construct: IConstruct, findings: readonly string[], reason: string): void {
  for (const finding of findings) acknowledge(construct, `IAM5[${finding}]`, reason);
}

/** Objects of the lake, as a policy in another stack than the data's refers to them. */
export function lakeObjects(dataStackName: string, below = '*'): string {
  return `Resource::${dataStackName}:ExportsOutputFnGetAttLake5F1B88EAArn65E67816/${below}`;
}

/** The policies that CDK gives a function in a network. */
export function acknowledgeFunctionPolicies(role: IConstruct): void {
  for (const policy of ['AWSLambdaBasicExecutionRole', 'AWSLambdaVPCAccessExecutionRole']) {
    const id = `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${policy}]`;
    acknowledge(role, id, "AWS's own policies for functions in a network: logs and network interfaces, nothing else.");
  }
}
