export {
  answerInvocation,
  INVOCATION_TYPES,
  type InvocationAnswer,
  type InvocationModel,
  type InvocationRequest,
} from './answer-invocation.ts';
