/** What each client is made to do, in the order of the table's columns. */
export const SCENARIOS = [
  'chat',
  'stream',
  'tools',
  'tool stream',
  'parallel tools',
  'JSON schema',
  'image',
  'reasoning',
  'embeddings',
  'token count',
  'models',
  'errors',
  'broken stream',
  'cancellation',
] as const;

export type Scenario = (typeof SCENARIOS)[number];

/** What each scenario shows, for the page. */
export const MEANINGS: Readonly<Record<Scenario, string>> = {
  chat: 'an answer with its text, the reason of its end and token counts; text outside ASCII',
  stream: 'the same, streamed',
  tools: 'a tool is called, its result goes back, and the answer uses it',
  'tool stream': 'the same, streamed, with the arguments whole',
  'parallel tools': 'two calls in one turn, both results back',
  'JSON schema': 'an answer that fits a schema, read by the client’s own parser where it has one',
  image: 'an image in the prompt; the provider says what it got',
  reasoning: 'signed thoughts come, and go back unchanged with the tool’s result',
  embeddings: 'vectors of one text and of two',
  'token count': 'the tokens of a request, counted before it is sent',
  models: 'the endpoints, listed as models, and one of them',
  errors:
    'refused key, limit with retry-after, fault, overload, bad request, unknown model: the client’s own error classes',
  'broken stream': 'a provider that breaks off within its answer: an error, not a short answer',
  cancellation: 'the client leaves, and the provider’s connection is closed',
};

/** The prompts and the answers that the mock's script gives to them. */
export const CHAT = {
  system: 'Be brief.',
  prompt: 'Grüße aus 水門 👋',
  answer: '(Be brief.) You said: Grüße aus 水門 👋',
} as const;
/** For a model that takes one text alone. */
export const BARE_ANSWER = 'You said: Grüße aus 水門 👋';
export const TOOL_PROMPT = 'What is the weather in Paris?';
export const BOTH_PROMPT = 'What is the weather in both Paris and Tōkyō?';
export const THOUGHT = 'They ask of the weather — I had better look.';
export const SEEN = 'Seen: image/png, 70 bytes';
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const WEATHER = {
  name: 'get_weather',
  description: 'The weather in a city, now.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'The name of the city.' } },
    required: ['city'],
    additionalProperties: false,
  },
} as const;

export const REPORT = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
} as const;

export const REPORT_ANSWER = { city: 'Paris', degrees: 21 } as const;

/** What is answered to a tool's result, to both, and where the model thought before it called. */
export const RESULT = 'Results: 21 °C.';
export const RESULTS = 'Results: 21 °C | 25 °C.';
export const RESULT_KEPT = `${RESULT} Reasoning kept.`;

/** The vectors of one text, and of two. */
export const EMBEDDED = { one: 'sluice', two: ['a', 'lock'] };
export const VECTOR = [0.25, -0.5, 6.5];
export const VECTORS = [
  [0.25, -0.5, 1.5],
  [0.25, -0.5, 4.5],
];

/** What a tool says of each city. */
export const weatherIn = (city: string): string => (city === 'Paris' ? '21 °C' : '25 °C');

/** The failures that the mock is told to have; what comes of each is the family's. */
export const FAILURES = [400, 401, 429, 500, 529] as const;

export type Failure = (typeof FAILURES)[number];
