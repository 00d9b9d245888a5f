import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { KinesisEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../nag.ts';
import { sizeOf } from '../sizes.ts';
import { imageFunction } from './compute.ts';
import type { DataStack, EnvironmentProps } from './data-stack.ts';

export type StreamProps = EnvironmentProps & { readonly data: DataStack; readonly alarms: sns.ITopic };

const RETENTION_DAYS = 7;
const CONSUMER_MINUTES = 5;
const CONSUMER_MEMORY_MB = 2048;
/** A stream this far behind means features that are not what is known now. */
const LATE_MS = 5 * 60_000;

/** Events in: the stream, its consumer to lake and online store, and what the consumer could not take. */
export class StreamStack extends Stack {
  readonly stream: kinesis.Stream;
  readonly failures: sqs.Queue;

  constructor(scope: Construct, id: string, { environment, data, alarms, ...props }: StreamProps) {
    super(scope, id, props);
    const { streamShards } = sizeOf(environment.size);
    this.stream = new kinesis.Stream(this, 'Events', {
      encryption: kinesis.StreamEncryption.KMS,
      encryptionKey: data.key,
      retentionPeriod: Duration.days(RETENTION_DAYS),
      ...(streamShards === 'on-demand' ? { streamMode: kinesis.StreamMode.ON_DEMAND } : { shardCount: streamShards }),
    });
    acknowledge(this.stream, 'KDS3', "The environment's own key, so that access to events is decided here.");
    this.failures = this.#failures(data);
    const consumer = imageFunction(this, 'Consumer', {
      data,
      handler: 'consume',
      memoryMb: CONSUMER_MEMORY_MB,
      minutes: CONSUMER_MINUTES,
      environment: { ASSAY_PORTFOLIO: environment.portfolio },
    });
    consumer.addEventSource(this.#source());
    this.#alarms(consumer, alarms);
  }

  /** Where a batch is told of that failed to the end: which shard and which sequence numbers, to be read again from the stream. */
  #failures(data: DataStack): sqs.Queue {
    const queue = new sqs.Queue(this, 'Failures', {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: data.key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, 'SQS3', 'This queue is the end of the line itself; an alarm watches it.');
    return queue;
  }

  #source(): KinesisEventSource {
    return new KinesisEventSource(this.stream, {
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 2_000,
      maxBatchingWindow: Duration.seconds(1),
      // Only what failed is sent again, in halves, until one record is left: it goes to the queue and holds nobody up.
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 20,
      maxRecordAge: Duration.days(RETENTION_DAYS - 1),
      onFailure: new SqsDlq(this.failures),
    });
  }

  #alarms(consumer: lambda.Function, topic: sns.ITopic): void {
    const late = new cloudwatch.Alarm(this, 'StreamLate', {
      metric: this.stream.metricGetRecordsIteratorAgeMilliseconds({ period: Duration.minutes(5), statistic: 'max' }),
      threshold: LATE_MS,
      evaluationPeriods: 2,
      alarmDescription: 'Events wait for more than five minutes: features are older than they should be.',
    });
    const failed = new cloudwatch.Alarm(this, 'EventsFailed', {
      metric: this.failures.metricApproximateNumberOfMessagesVisible(),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: 'Records of the stream could not be taken; the queue says which.',
    });
    const throttled = new cloudwatch.Alarm(this, 'ConsumerThrottled', {
      metric: consumer.metricThrottles({ period: Duration.minutes(5) }),
      threshold: 10,
      evaluationPeriods: 3,
      alarmDescription: 'The consumer of the stream gets no capacity.',
    });
    for (const alarm of [late, failed, throttled]) alarm.addAlarmAction(new actions.SnsAction(topic));
  }
}
