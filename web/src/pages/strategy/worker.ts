import type { Book } from './book.ts';
import { type BookIndex, type Filter, openBookIndex } from './book-index.ts';

export type ToWorker =
  | { readonly kind: 'load'; readonly book: Book }
  | { readonly kind: 'index'; readonly filter: Filter };
/** The book itself is where the answer goes, and is not sent back. */
export type FromWorker = { readonly index: Omit<BookIndex, 'book'> };

let book: Book | undefined;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'load') {
    book = data.book;
    return;
  }
  if (book === undefined) return;
  const { book: _, ...index } = openBookIndex(book, data.filter);
  const answer: FromWorker = { index };
  postMessage(answer);
});
