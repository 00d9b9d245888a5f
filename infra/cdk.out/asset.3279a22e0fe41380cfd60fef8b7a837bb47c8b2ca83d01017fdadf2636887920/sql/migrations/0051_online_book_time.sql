-- A pause of the server is no time in a book whose data ends in the past: it goes on after its last fact when serving begins again.
COMMENT ON COLUMN online_books.ahead_ms IS
  'Wall clock minus the time in this book, ms; null for a live book, whose time is the wall clock. Set with each base and when serving begins.';
