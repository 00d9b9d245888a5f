import type { TaskTarget } from './state-machine.ts';

/** What the states about SageMaker need to know of the stacks. */
export type ModelPlace = {
  readonly imageUri: string;
  /** Of training jobs: reads the lake and the signing key, writes its output. */
  readonly trainingRoleArn: string;
  /** Of models and endpoints. */
  readonly servingRoleArn: string;
  readonly keyArn: string;
  /** `s3://bucket`, without a slash at its end. */
  readonly bucketUri: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly trainingInstanceType: string;
  readonly endpoint: { readonly name: string; readonly instanceType: string; readonly instances: number };
  readonly packageGroup: string;
  /** Variables of a training container. */
  readonly environment: Readonly<Record<string, string>>;
  /** Any of these rings while traffic is shifted: the endpoint goes back. */
  readonly alarmNames: readonly string[];
};

const TRAINING_VOLUME_GB = 50;
const TRAINING_SECONDS = 86_400;
/** Bake time between the first instances and the rest, and how long the old ones stay after. */
const CANARY_SECONDS = 600;
const TERMINATION_SECONDS = 300;
const UPDATE_SECONDS = 7_200;
export const VARIANT = 'champion';

/** Training as a job, waited for: its answer says where the output lies, which RegisterModel fetches and checks. */
export function trainingTarget(place: ModelPlace): TaskTarget {
  const output = `${place.bucketUri}/training-jobs`;
  return {
    Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync',
    Parameters: {
      'TrainingJobName.$': "States.Format('assay-{}-{}', $.estimator, States.UUID())",
      AlgorithmSpecification: { TrainingImage: place.imageUri, TrainingInputMode: 'File' },
      RoleArn: place.trainingRoleArn,
      HyperParameters: { 'portfolio.$': '$.portfolio', 'estimator.$': '$.estimator' },
      InputDataConfig: [
        {
          ChannelName: 'training',
          DataSource: {
            S3DataSource: {
              S3DataType: 'S3Prefix',
              'S3Uri.$': '$.snapshot.trainingUri',
              S3DataDistributionType: 'FullyReplicated',
            },
          },
        },
      ],
      OutputDataConfig: { S3OutputPath: output, KmsKeyId: place.keyArn },
      ResourceConfig: {
        InstanceCount: 1,
        InstanceType: place.trainingInstanceType,
        VolumeSizeInGB: TRAINING_VOLUME_GB,
        VolumeKmsKeyId: place.keyArn,
      },
      StoppingCondition: { MaxRuntimeInSeconds: TRAINING_SECONDS },
      VpcConfig: { Subnets: place.subnets, SecurityGroupIds: place.securityGroups },
      Environment: place.environment,
      EnableInterContainerTrafficEncryption: true,
    },
    ResultSelector: {
      'jobName.$': '$.TrainingJobName',
      'modelUri.$': '$.ModelArtifacts.S3ModelArtifacts',
      'outputUri.$': `States.Format('${output}/{}/output/output.tar.gz', $.TrainingJobName)`,
    },
  };
}

/** The states that are about SageMaker's registry, its endpoint and its transforms, as calls of its API. */
export function modelTargets(place: ModelPlace): Record<string, TaskTarget> {
  return {
    PackageModel: packageTarget(place),
    CreateServingModel: modelTarget(place, '$.approval.name'),
    CreateServingConfig: configTarget(place),
    UpdateEndpoint: endpointTarget(place),
    CreateTransformModel: modelTarget(place, TRANSFORM_NAME),
    TransformRows: transformTarget(place),
  };
}

const TRANSFORM_NAME = "States.Format('t-{}', $.approval.name)";
const FORMATS = { SupportedContentTypes: ['application/jsonlines', 'application/json', 'text/csv'] };

function packageTarget({ packageGroup, imageUri }: ModelPlace): TaskTarget {
  return {
    Resource: 'arn:aws:states:::aws-sdk:sagemaker:createModelPackage',
    Parameters: {
      ModelPackageGroupName: packageGroup,
      // A call that is tried again enters the version once.
      'ClientToken.$': "States.Hash($.registered.modelVersion, 'MD5')",
      'ModelPackageDescription.$': '$.registered.modelVersion',
      ModelApprovalStatus: 'PendingManualApproval',
      InferenceSpecification: {
        Containers: [{ Image: imageUri, 'ModelDataUrl.$': '$.registered.modelDataUrl' }],
        ...FORMATS,
        SupportedResponseMIMETypes: FORMATS.SupportedContentTypes,
      },
      CustomerMetadataProperties: {
        'modelVersion.$': '$.registered.modelVersion',
        'estimator.$': '$.registered.estimator',
      },
    },
    ResultSelector: { 'modelPackageArn.$': '$.ModelPackageArn' },
  };
}

function modelTarget(place: ModelPlace, name: string): TaskTarget {
  return {
    Resource: 'arn:aws:states:::aws-sdk:sagemaker:createModel',
    Parameters: {
      'ModelName.$': name,
      ExecutionRoleArn: place.servingRoleArn,
      EnableNetworkIsolation: true,
      PrimaryContainer: {
        Image: place.imageUri,
        'ModelDataUrl.$': '$.approval.modelDataUrl',
        Environment: { 'ASSAY_TRUSTED_KEY_IDS.$': '$.approval.signingKeyId' },
      },
      VpcConfig: { Subnets: place.subnets, SecurityGroupIds: place.securityGroups },
    },
    ResultSelector: { 'modelArn.$': '$.ModelArn' },
  };
}

function configTarget({ keyArn, endpoint, bucketUri }: ModelPlace): TaskTarget {
  return {
    Resource: 'arn:aws:states:::aws-sdk:sagemaker:createEndpointConfig',
    Parameters: {
      'EndpointConfigName.$': '$.approval.name',
      KmsKeyId: keyArn,
      ProductionVariants: [
        {
          VariantName: VARIANT,
          'ModelName.$': '$.approval.name',
          InitialVariantWeight: 1,
          InitialInstanceCount: endpoint.instances,
          InstanceType: endpoint.instanceType,
        },
      ],
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        'DestinationS3Uri.$': `States.Format('${bucketUri}/captured/{}', $.approval.modelVersion)`,
        KmsKeyId: keyArn,
        CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      },
    },
    ResultSelector: { 'endpointConfigArn.$': '$.EndpointConfigArn' },
  };
}

/** Instances that were added under load stay; new ones take a share first. */
function endpointTarget({ endpoint, alarmNames }: ModelPlace): TaskTarget {
  return {
    Resource: 'arn:aws:states:::aws-sdk:sagemaker:updateEndpoint',
    Parameters: {
      EndpointName: endpoint.name,
      'EndpointConfigName.$': '$.approval.name',
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DataCaptureConfig' }],
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: 'CANARY',
            CanarySize: { Type: 'CAPACITY_PERCENT', Value: 30 },
            WaitIntervalInSeconds: CANARY_SECONDS,
          },
          TerminationWaitInSeconds: TERMINATION_SECONDS,
          MaximumExecutionTimeoutInSeconds: UPDATE_SECONDS,
        },
        AutoRollbackConfiguration: { Alarms: alarmNames.map((AlarmName) => ({ AlarmName })) },
      },
    },
    ResultSelector: { 'endpointArn.$': '$.EndpointArn' },
  };
}

function transformTarget({ keyArn, bucketUri, endpoint }: ModelPlace): TaskTarget {
  return {
    Resource: 'arn:aws:states:::sagemaker:createTransformJob.sync',
    Parameters: {
      'TransformJobName.$': TRANSFORM_NAME,
      'ModelName.$': TRANSFORM_NAME,
      BatchStrategy: 'MultiRecord',
      TransformInput: {
        ContentType: 'application/jsonlines',
        SplitType: 'Line',
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', 'S3Uri.$': '$.transform.inputUri' } },
      },
      TransformOutput: {
        Accept: 'application/jsonlines',
        AssembleWith: 'Line',
        KmsKeyId: keyArn,
        'S3OutputPath.$': `States.Format('${bucketUri}/transformed/{}', $$.Execution.Name)`,
      },
      TransformResources: { InstanceCount: 1, InstanceType: endpoint.instanceType, VolumeKmsKeyId: keyArn },
    },
    ResultSelector: { 'jobName.$': '$.TransformJobName', 'outputUri.$': '$.TransformOutput.S3OutputPath' },
  };
}
