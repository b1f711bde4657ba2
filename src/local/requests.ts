import * as z from 'zod/mini';

/** The bodies of the API's requests, as far as this engine reads them; unknown fields are ignored. */

const id = z.pipe(z.union([z.string(), z.number()]), z.transform(String));

export const createSessionBody = z.object({
  task_name: z._default(z.string().check(z.maxLength(500)), 'project'),
  language: z._default(z.string().check(z.maxLength(20)), 'en'),
});

export const uploadUrlsBody = z.object({ urls: z.array(z.string()).check(z.minLength(1), z.maxLength(100)) });

export const runBody = z.object({
  session_id: id,
  new_message: z.object({ parts: z.array(z.object({ text: z.optional(z.string()) })).check(z.minLength(1)) }),
});

export const renderBody = z.object({
  // It becomes a part of addresses.
  id: z.string().check(z.regex(/^[\w.-]{1,120}$/)),
  sessionId: id,
  draft: z.unknown(),
  output: z._default(
    z.object({
      format: z._default(z.string().check(z.maxLength(20)), 'mp4'),
      resolution: z.optional(z.string().check(z.maxLength(20))),
    }),
    { format: 'mp4' },
  ),
});
