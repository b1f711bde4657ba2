import * as z from 'zod';

/** The bodies of the API's requests, as far as this engine reads them; unknown fields are ignored. */

const id = z.union([z.string(), z.number()]).transform(String);

export const createSessionBody = z.object({
  task_name: z.string().max(500).default('project'),
  language: z.string().max(20).default('en'),
});

export const uploadUrlsBody = z.object({ urls: z.array(z.string()).min(1).max(100) });

export const runBody = z.object({
  session_id: id,
  new_message: z.object({ parts: z.array(z.object({ text: z.string().optional() })).min(1) }),
});

export const renderBody = z.object({
  // It becomes a part of addresses.
  id: z.string().regex(/^[\w.-]{1,120}$/),
  sessionId: id,
  draft: z.unknown(),
  output: z
    .object({ format: z.string().max(20).default('mp4'), resolution: z.string().max(20).optional() })
    .default({ format: 'mp4' }),
});
