export { EmptyState } from './empty-state.tsx';
export { Loaded } from './loaded.tsx';
export { NoBook } from './no-book.tsx';
export { NoPermission } from './no-permission.tsx';
export { ProblemState } from './problem-state.tsx';
export { Waiting } from './waiting.tsx';
