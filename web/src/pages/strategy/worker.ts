import type { Book } from './book.ts';
import { openRecompute, type Recomputed, type Strategy } from './recompute.ts';

export type ToWorker =
  | { readonly kind: 'load'; readonly book: Book }
  | { readonly kind: 'recompute'; readonly request: number; readonly strategy: Strategy };
export type FromWorker = { readonly request: number; readonly found: Recomputed; readonly computeMs: number };

let recompute: ReturnType<typeof openRecompute> | undefined;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'load') {
    recompute = openRecompute(data.book);
    return;
  }
  if (recompute === undefined) return;
  const started = performance.now();
  const found = recompute(data.strategy);
  const answer: FromWorker = { request: data.request, found, computeMs: performance.now() - started };
  postMessage(answer);
});
