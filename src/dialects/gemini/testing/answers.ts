import type { JsonObject } from '../../../core/types.ts';

/** Answers after the examples of https://ai.google.dev/gemini-api/docs and https://ai.google.dev/api, shortened. */
export interface Answer {
  readonly name: string;
  readonly answer: JsonObject;
  /** Streamed, its parts come one by one. */
  readonly inPieces?: true;
}

const USAGE = { promptTokenCount: 8, candidatesTokenCount: 9, totalTokenCount: 17 };

function answer(parts: JsonObject[], candidate: JsonObject = {}, further: JsonObject = {}): JsonObject {
  return {
    candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0, ...candidate }],
    usageMetadata: USAGE,
    modelVersion: 'gemini-2.5-flash',
    responseId: 'mAitaLmkHPPlz7IPvtfUqQ4',
    ...further,
  };
}

export const ANSWERS: readonly Answer[] = [
  { name: 'a text', answer: answer([{ text: 'AI learns from data. Ünï 🎉' }]) },
  {
    name: 'thoughts and a signed text',
    answer: answer(
      [
        { text: 'I must be brief.', thought: true },
        { text: 'By learning.', thoughtSignature: 'CiQBcsjafA==' },
      ],
      {},
      { usageMetadata: { ...USAGE, thoughtsTokenCount: 120, totalTokenCount: 137 } },
    ),
  },
  {
    name: 'calls',
    answer: answer([
      { functionCall: { id: 'a', name: 'f', args: { x: [1, { y: 'ü' }] } }, thoughtSignature: 'AbCd' },
      { functionCall: { id: 'b', name: 'g', args: {} } },
    ]),
  },
  {
    name: 'a picture',
    answer: answer([
      { text: 'Here.' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature: 'AbCd' },
    ]),
  },
  {
    name: 'code that Google ran',
    inPieces: true,
    answer: answer([
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
      { text: 'One.' },
    ]),
  },
  {
    name: 'sources',
    answer: answer([{ text: 'Spain won.' }], {
      groundingMetadata: {
        webSearchQueries: ['who won'],
        groundingChunks: [{ web: { uri: 'https://a', title: 'a' } }],
        groundingSupports: [{ segment: { endIndex: 10, text: 'Spain won.' }, groundingChunkIndices: [0] }],
      },
      citationMetadata: { citationSources: [{ startIndex: 0, endIndex: 10, uri: 'https://a' }] },
      urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://a' }] },
      safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' }],
    }),
  },
  {
    name: 'log probabilities',
    answer: answer([{ text: 'Hi' }], {
      avgLogprobs: -0.5,
      logprobsResult: {
        topCandidates: [
          {
            candidates: [
              { token: 'Hi', logProbability: -0.5 },
              { token: 'Hey', logProbability: -1 },
            ],
          },
        ],
        chosenCandidates: [{ token: 'Hi', logProbability: -0.5 }],
      },
    }),
  },
  { name: 'the length limit', answer: answer([{ text: 'AI is' }], { finishReason: 'MAX_TOKENS' }) },
  {
    name: 'a stop for safety',
    answer: answer([{ text: 'No' }], { finishReason: 'SAFETY', finishMessage: 'It was not safe.' }),
  },
  {
    name: 'two candidates',
    answer: {
      ...answer([]),
      candidates: [0, 1].map((index) => ({
        content: { parts: [{ text: `Answer ${index}` }], role: 'model' },
        finishReason: 'STOP',
        index,
      })),
    },
  },
  {
    name: 'a prompt that was not let through',
    answer: {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
      modelVersion: 'gemini-2.5-flash',
      responseId: 'r',
    },
  },
];
