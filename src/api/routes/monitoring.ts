import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

export function monitoringHandlers({ drift }: ApiDependencies): Pick<Handlers, 'getDrift'> {
  return { getDrift: () => drift() };
}
