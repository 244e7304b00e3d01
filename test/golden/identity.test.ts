/**
 * The other half of the matrix: the vendors' own examples, through the neutral shape and back into the format that they
 * came in, are the same again. They stand beside the dialects; `bun test test/golden` runs them with the goldens.
 */
import '../../src/dialects/anthropic/round-trip.test.ts';
import '../../src/dialects/gemini/round-trip.test.ts';
import '../../src/dialects/openai/round-trip.test.ts';
import '../../src/dialects/responses/round-trip.test.ts';
