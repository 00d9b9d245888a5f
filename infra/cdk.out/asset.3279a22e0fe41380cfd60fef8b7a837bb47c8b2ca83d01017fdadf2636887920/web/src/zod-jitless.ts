import { z } from 'zod';

// Zod compiles schemas with `new Function` where it may; the content security policy forbids that, and even the attempt is
// reported as a violation. Imported before anything that makes a schema.
z.config({ jitless: true });
