import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ConsentGrant } from '../contract.ts';
import { call } from '../http/call.ts';

/** What is kept of a person. Nothing of it stays in the browser once the page is left. */
export function usePerson(borrowerId: string) {
  return useQuery({
    queryKey: ['person', borrowerId],
    queryFn: ({ signal }) => call('getPerson', { params: { borrowerId }, signal }),
    enabled: borrowerId !== '',
    gcTime: 0,
    retry: false,
  });
}

export function useConsents(borrowerId: string) {
  return useQuery({
    queryKey: ['consents', borrowerId],
    queryFn: ({ signal }) => call('listConsents', { params: { borrowerId }, signal }),
    enabled: borrowerId !== '',
    gcTime: 0,
  });
}

export type PersonStep =
  | { readonly kind: 'holdPerson' | 'liftHold' | 'erasePerson'; readonly reason: string }
  | { readonly kind: 'grantConsent'; readonly grant: ConsentGrant }
  | { readonly kind: 'revokeConsent'; readonly consentId: string }
  | {
      readonly kind: 'correctPerson';
      readonly decisionId: string;
      readonly attributes: Readonly<Record<string, number | string | boolean | null>>;
      readonly reason: string;
    };

/** What became of a step, in a sentence. */
async function take(borrowerId: string, step: PersonStep): Promise<string> {
  const params = { borrowerId };
  switch (step.kind) {
    case 'holdPerson':
    case 'liftHold': {
      const { hold } = await call(step.kind, { params, body: { reason: step.reason } });
      return hold ? `A legal hold stands since ${hold.placedAt.slice(0, 10)}.` : 'No legal hold stands.';
    }
    case 'erasePerson': {
      const { decisions, facts, pending } = await call('erasePerson', { params, body: { reason: step.reason } });
      return `Erased: ${decisions} decisions, ${facts} facts. Pending: ${pending.map(({ where, until }) => `${where} (until ${until})`).join('; ')}.`;
    }
    case 'grantConsent': {
      const { expiresAt, textVersion } = await call('grantConsent', { params, body: step.grant });
      return `Kept under text ${textVersion}, until ${expiresAt.slice(0, 10)}.`;
    }
    case 'revokeConsent': {
      await call('revokeConsent', { params: { ...params, consentId: step.consentId }, body: {} });
      return 'Taken back: it is used for nothing from now on.';
    }
    case 'correctPerson': {
      const { kind: _, ...body } = step;
      const { decisionId, outcome } = await call('correctPerson', { params, body });
      return `Decided anew: ${outcome} (decision ${decisionId}).`;
    }
  }
}

export function usePersonStep(borrowerId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: PersonStep) => take(borrowerId, step),
    onSettled: async () => {
      for (const queryKey of [
        ['person', borrowerId],
        ['consents', borrowerId],
      ])
        await client.invalidateQueries({ queryKey });
    },
  });
}

/** A copy of everything, fetched only when it is asked for: each is entered in the audit log. */
export function usePersonCopy(borrowerId: string) {
  return useMutation({ mutationFn: () => call('exportPerson', { params: { borrowerId } }) });
}
