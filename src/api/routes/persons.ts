import { type ApplicationRequest, decide, findDecision, type PersonStatus } from '../../decisions/index.ts';
import { AssayError } from '../../domain/index.ts';
import type { PersonStatusDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type PersonHandlers = Pick<
  Handlers,
  'getPerson' | 'exportPerson' | 'correctPerson' | 'erasePerson' | 'holdPerson' | 'liftHold'
>;

export function personHandlers({ persons, decisions }: ApiDependencies): PersonHandlers {
  return {
    getPerson: async ({ parameters }) => statusDto(await persons.status(parameters.borrowerId)),
    exportPerson: async ({ parameters, user }) => {
      const copy = await persons.export(parameters.borrowerId, user.username);
      return {
        ...copy,
        ...statusDto(copy),
        records: [...copy.records],
        reviews: [...copy.reviews],
        notices: [...copy.notices],
        consents: [...copy.consents],
        fraudKeys: [...copy.fraudKeys],
        fraudCases: [...copy.fraudCases],
      };
    },
    correctPerson: async ({ parameters, body, user }) => {
      const { borrowerId } = parameters;
      const { decisionId, reason: _, ...corrections } = body;
      const earlier = await findDecision(decisions.store, decisionId);
      if (earlier.body.application.borrowerId !== borrowerId) {
        throw new AssayError('not_found', { what: 'no such decision on this person', given: decisionId });
      }
      const application = corrected(earlier.body.request as ApplicationRequest, corrections);
      const { response } = await decide(decisions, { application, actor: user.username });
      const made: { decisionId: string } = JSON.parse(response);
      const fields = [...Object.keys(corrections), ...Object.keys(body.attributes ?? {})].filter(
        (name) => name !== 'attributes',
      );
      await persons.noteCorrection(borrowerId, user.username, { from: decisionId, to: made.decisionId, fields });
      return { kind: 'raw', headers: { 'content-type': 'application/json; charset=utf-8' }, body: response };
    },
    erasePerson: async ({ parameters, body, user }) => {
      const erasure = await persons.erase(parameters.borrowerId, user.username, body.reason);
      return { ...erasure, pending: [...erasure.pending] };
    },
    holdPerson: async ({ parameters, body, user }) =>
      statusDto(await persons.placeHold(parameters.borrowerId, user.username, body.reason)),
    liftHold: async ({ parameters, body, user }) =>
      statusDto(await persons.liftHold(parameters.borrowerId, user.username, body.reason)),
  };
}

type Corrections = Pick<ApplicationRequest, 'attributes' | 'amountMinor' | 'termMonths'>;

/** The same application with what was wrong replaced; what is checked on any application is checked again. */
function corrected(request: ApplicationRequest, { attributes, ...members }: Corrections): ApplicationRequest {
  return { ...request, ...members, attributes: { ...request.attributes, ...attributes } };
}

function statusDto({ person, decisions, erasedDecisions, hold, keptUntil }: PersonStatus): PersonStatusDto {
  return {
    person,
    decisions,
    erasedDecisions,
    hold: hold && { ...hold, placedAt: hold.placedAt.toISOString() },
    keptUntil: keptUntil && { ...keptUntil },
  };
}
