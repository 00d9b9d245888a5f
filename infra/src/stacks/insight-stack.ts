import { Stack } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { addCatalog } from '../catalog/catalog.ts';
import { addDashboard } from '../dashboard/quicksight.ts';
import type { DataStack, EnvironmentProps } from './data-stack.ts';

/** Who is told: one topic for every alarm. A stack of its own, since all others point at it. */
export class AlarmStack extends Stack {
  readonly topic: sns.Topic;

  constructor(
    scope: Construct,
    id: string,
    { environment, data, ...props }: EnvironmentProps & { readonly data: DataStack },
  ) {
    super(scope, id, props);
    this.topic = new sns.Topic(this, 'Alarms', { masterKey: data.key, enforceSSL: true });
    this.topic.addSubscription(new subscriptions.EmailSubscription(environment.alarmEmail));
    for (const service of ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'])
      this.topic.grantPublish(
        new iam.ServicePrincipal(service, { conditions: { StringEquals: { 'aws:SourceAccount': this.account } } }),
      );
  }
}

/** What is looked at: the catalog that SQL starts from, the dashboard over the marts, and the budget. */
export class InsightStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    {
      environment,
      data,
      alarms,
      ...props
    }: EnvironmentProps & { readonly data: DataStack; readonly alarms: sns.ITopic },
  ) {
    super(scope, id, props);
    this.#budget(environment.monthlyBudgetUsd, environment.name, alarms);
    addCatalog(this, data, environment.portfolio);
    if (environment.quickSightPrincipalArn !== undefined)
      addDashboard(this, { data, principalArn: environment.quickSightPrincipalArn });
  }

  #budget(amount: number, name: string, alarms: sns.ITopic): void {
    const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers: [{ subscriptionType: 'SNS', address: alarms.topicArn }],
    });
    new budgets.CfnBudget(this, 'Budget', {
      budget: {
        budgetName: this.stackName,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:assay:environment$${name}`] },
      },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('ACTUAL', 100), notify('FORECASTED', 110)],
    });
  }
}
