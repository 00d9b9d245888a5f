/** Whether an error of the AWS SDK is an answer with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
  const { $metadata } = error;
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata)) return false;
  return statuses.includes(Number($metadata.httpStatusCode));
}
