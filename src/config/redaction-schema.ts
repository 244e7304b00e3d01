import { z } from 'zod';
import { PERSONAL_KINDS } from '../core/redaction/kinds.ts';
import { compilePattern, PatternError } from '../core/redaction/own-patterns.ts';
import { byteSize } from './quantities.ts';

const ownPattern = z
  .object({
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, {
        error: 'A name has letters, digits and `_`, begins with a letter, and is at most 32 characters long',
      })
      .meta({ description: 'Stands for what was found, in capitals: `‹EMPLOYEE›`.', examples: ['employee'] }),
    pattern: z.string().meta({
      description: 'A regular expression of RE2: https://github.com/google/re2/wiki/Syntax',
      examples: ['EMP-[0-9]{6}'],
    }),
  })
  .transform(({ name, pattern }, context) => {
    try {
      return compilePattern(name.toLowerCase(), pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      context.addIssue({
        code: 'custom',
        path: ['pattern'],
        message: `The pattern cannot be used: ${error.message}`,
        params: { hint: 'patterns are those of RE2, which has no references back and no look-around' },
      });
      return z.NEVER;
    }
  });

export const redactionSchema = z.object({
  kinds: z.array(z.enum(PERSONAL_KINDS)).nullish().meta({
    description:
      'What is taken out of texts beside keys, tokens and passwords, which always are. Default: email, card, iban.',
  }),
  patterns: z.array(ownPattern).nullish().meta({ description: 'What else is taken out of texts.' }),
  max_body: byteSize()
    .nullish()
    .meta({
      description: 'How much is kept of a request, and of an answer. Default: 256KiB.',
      examples: ['256KiB'],
    }),
});
