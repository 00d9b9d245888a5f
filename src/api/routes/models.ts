import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';
import { documentPolicy } from '../web-app.ts';

type ModelHandlers = Pick<
  Handlers,
  'listModels' | 'getModel' | 'getModelDocument' | 'approveModel' | 'promoteModel' | 'rejectModel'
>;

export function modelHandlers({ views }: ApiDependencies): ModelHandlers {
  return {
    listModels: () => views.models(),
    getModel: ({ parameters }) => views.model(parameters.modelVersion),
    getModelDocument: async ({ parameters }) => ({
      kind: 'raw',
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': documentPolicy() },
      body: await views.modelDocument(parameters.modelVersion),
    }),
    approveModel: async ({ parameters, body, user }) => {
      await views.approveModel(parameters.modelVersion, user.username, body.note);
      return views.model(parameters.modelVersion);
    },
    promoteModel: async ({ parameters, body, user }) => {
      await views.promoteModel(parameters.modelVersion, user.username, body.note);
      return views.model(parameters.modelVersion);
    },
    rejectModel: async ({ parameters, body, user }) => {
      await views.rejectModel(parameters.modelVersion, user.username, body.note);
      return views.model(parameters.modelVersion);
    },
  };
}
