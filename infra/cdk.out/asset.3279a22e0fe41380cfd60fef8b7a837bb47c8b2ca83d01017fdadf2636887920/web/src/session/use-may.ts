import type { OperationId } from '../contract.ts';
import { useSession } from '../queries/session.ts';

/** Whether the person signed in may call an operation: what they may not is not offered. The server decides all the same. */
export function useMay(operation: OperationId): boolean {
  const { data } = useSession();
  return data?.permissions.includes(operation) ?? false;
}
