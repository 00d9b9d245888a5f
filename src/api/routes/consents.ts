import type { Consent } from '../../decisions/index.ts';
import { isConsentLive, PROFILE_ATTRIBUTES } from '../../features/index.ts';
import type { ConsentDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type ConsentHandlers = Pick<Handlers, 'listConsents' | 'grantConsent' | 'revokeConsent'>;

export function consentHandlers({ consents, clock }: ApiDependencies): ConsentHandlers {
  const dto = (consent: Consent): ConsentDto => consentDto(consent, clock.now());
  return {
    listConsents: async ({ parameters }) => ({
      rows: (await consents.of(parameters.borrowerId)).map(dto),
      attributes: PROFILE_ATTRIBUTES.map(({ name, description }) => ({ name, description })),
    }),
    grantConsent: async ({ parameters, body, user }) =>
      dto(await consents.grant({ ...body, borrowerId: parameters.borrowerId }, user.username)),
    revokeConsent: async ({ parameters, user }) =>
      dto(await consents.revoke(parameters.borrowerId, parameters.consentId, user.username)),
  };
}

function consentDto({ borrowerId: _, scope, ...consent }: Consent, now: Date): ConsentDto {
  const whole = { ...consent, borrowerId: '', scope };
  return { ...consent, scope: [...scope], isLive: isConsentLive(whole, consent.platform, now, consent.purpose) };
}
