import type { Book } from './book.ts';
import { type Recomputed, recompute, type Strategy } from './recompute.ts';

export type ToWorker =
  | { readonly kind: 'load'; readonly book: Book }
  | { readonly kind: 'recompute'; readonly request: number; readonly strategy: Strategy };
export type FromWorker = { readonly request: number; readonly found: Recomputed; readonly computeMs: number };

let book: Book | undefined;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'load') {
    book = data.book;
    return;
  }
  if (book === undefined) return;
  const started = performance.now();
  const found = recompute(book, data.strategy);
  const answer: FromWorker = { request: data.request, found, computeMs: performance.now() - started };
  postMessage(answer);
});
