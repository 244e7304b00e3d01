import { z } from 'zod';
import { apiKey } from './keys.ts';

export const adminSchema = z.object({
  token: apiKey().nullish().meta({
    description:
      'Who has it may use the management API: `$NAME` of an environment variable, a file, or the token itself. Without one only programs on this machine may. Default: SLUICE_ADMIN_TOKEN.',
  }),
});
