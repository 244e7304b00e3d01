import { z } from 'zod';

const milliseconds = z.number().min(0).max(600_000);

/** What the simulated model does. A request can override any of it in a field `simulate`. */
export const settingsSchema = z.object({
  reply: z.string().optional().describe('The text of every reply. Default: a sentence that quotes the last message.'),
  tokens_per_second: z.number().min(0).optional().describe('The pace of a stream; 0 for as fast as it goes (default).'),
  delay_ms: milliseconds.optional().describe('How long the first byte takes. Default: 0.'),
  status: z.number().int().min(400).max(599).optional().describe('Answers with this error status instead.'),
  cut_after: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Breaks the connection after this many stream events, or in the middle of an answer that is no stream.'),
  embedding_dimensions: z.number().int().min(1).max(4096).optional().describe('Length of an embedding. Default: 8.'),
});

export type Settings = z.output<typeof settingsSchema>;

/** The endpoint's settings with the request's own on top; unusable ones in a request are ignored. */
export function settingsFor(endpoint: Settings, request: unknown): Settings {
  const parsed = settingsSchema.safeParse(request ?? {});
  return parsed.success ? { ...endpoint, ...parsed.data } : endpoint;
}
