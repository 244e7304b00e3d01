import type { JsonObject } from '../../../core/types.ts';

/**
 * Requests after the examples of https://ai.google.dev/gemini-api/docs and https://ai.google.dev/api, shortened. `sent`
 * is what becomes of one whose form, though not its meaning, changes on the way to the neutral shape and back.
 */
export interface Example {
  readonly name: string;
  readonly request: JsonObject;
  readonly sent?: JsonObject;
  /** Vertex AI's API has no call ids. */
  readonly isVertex?: boolean;
}

const user = (...parts: JsonObject[]) => ({ role: 'user', parts });
const model = (...parts: JsonObject[]) => ({ role: 'model', parts });
const QUESTION = user({ text: 'How does AI work?' });

const LIGHT = {
  type: 'object',
  properties: {
    brightness: { type: 'integer', description: 'Light level from 0 to 100.' },
    color_temp: { type: 'string', enum: ['daylight', 'cool', 'warm'] },
  },
  required: ['brightness', 'color_temp'],
};

const RECIPE = {
  type: 'ARRAY',
  items: {
    type: 'OBJECT',
    properties: {
      recipeName: { type: 'STRING' },
      ingredients: { type: 'ARRAY', items: { type: 'STRING' }, minItems: '1' },
      rating: { type: 'NUMBER', format: 'float', nullable: true },
      course: { type: 'STRING', format: 'enum', enum: ['starter', 'main'] },
    },
    propertyOrdering: ['recipeName', 'ingredients'],
  },
};

const RECIPE_AS_JSON_SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      recipeName: { type: 'string' },
      ingredients: { type: 'array', items: { type: 'string' }, minItems: 1 },
      rating: { type: ['number', 'null'], format: 'float' },
      course: { type: 'string', enum: ['starter', 'main'] },
    },
    propertyOrdering: ['recipeName', 'ingredients'],
  },
};

const MEETING_CALL = { name: 'get_meeting', args: { attendees: ['Bob', 'Alice'], at: { day: 'today' } } };

export const EXAMPLES: readonly Example[] = [
  {
    name: 'a text',
    request: { contents: [{ parts: [{ text: 'How?' }] }] },
    sent: { contents: [user({ text: 'How?' })] },
  },
  {
    name: 'a conversation',
    request: {
      contents: [user({ text: 'Hello' }), model({ text: 'Great to meet you.' }), user({ text: 'I have two dogs.' })],
    },
  },
  {
    name: 'a system instruction and settings',
    request: {
      systemInstruction: { parts: [{ text: 'You are a cat.' }, { text: 'Your name is Neko.' }] },
      contents: [QUESTION],
      generationConfig: {
        stopSequences: ['Title'],
        temperature: 1,
        maxOutputTokens: 800,
        topP: 0.8,
        topK: 10,
        candidateCount: 2,
        seed: 5,
        presencePenalty: 0.5,
        frequencyPenalty: -0.5,
        responseLogprobs: true,
        logprobs: 3,
      },
    },
  },
  {
    name: 'the other notation, and single values for lists',
    request: {
      system_instruction: { parts: { text: 'You are a cat.' } },
      contents: { parts: [{ inline_data: { mime_type: 'image/jpeg', data: 'AAAA' } }, { text: 'Caption it.' }] },
      generation_config: { max_output_tokens: 5, thinking_config: { thinking_budget: 0 } },
      safety_settings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }],
    },
    sent: {
      systemInstruction: { parts: [{ text: 'You are a cat.' }] },
      contents: [user({ inlineData: { mimeType: 'image/jpeg', data: 'AAAA' } }, { text: 'Caption it.' })],
      generationConfig: { maxOutputTokens: 5, thinkingConfig: { thinkingBudget: 0 } },
      safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }],
    },
  },
  {
    name: 'safety settings and cached content',
    request: {
      contents: [QUESTION],
      cachedContent: 'cachedContents/abc',
      safetySettings: [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', threshold: 'BLOCK_ONLY_HIGH' }],
    },
  },
  { name: 'labels', isVertex: true, request: { contents: [QUESTION], labels: { team: 'a' } } },
  {
    name: 'a picture, a recording, a document and a video',
    request: {
      contents: [
        user(
          { inlineData: { mimeType: 'image/png', data: 'AAAA' }, mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' } },
          { inlineData: { mimeType: 'audio/mp3', data: 'BBBB' } },
          { inlineData: { mimeType: 'application/pdf', data: 'CCCC' } },
          { inlineData: { mimeType: 'video/mp4', data: 'DDDD' }, videoMetadata: { fps: 5 } },
        ),
      ],
    },
  },
  {
    name: 'files',
    request: {
      contents: [
        user(
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/a' } },
          { fileData: { mimeType: 'audio/flac', fileUri: 'gs://bucket/b' } },
          { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/c' } },
          {
            fileData: { fileUri: 'https://www.youtube.com/watch?v=9hE5-98ZeCg' },
            videoMetadata: { startOffset: '40s', endOffset: '80s' },
          },
          { text: 'Summarise them.' },
        ),
      ],
    },
  },
  {
    name: 'functions',
    request: {
      contents: [QUESTION],
      tools: [
        {
          functionDeclarations: [
            { name: 'enable_lights', description: 'Turn on the lights.' },
            { name: 'set_light', description: 'Sets it.', parametersJsonSchema: LIGHT, behavior: 'NON_BLOCKING' },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['enable_lights', 'set_light'] } },
    },
  },
  {
    name: 'functions in the other notation',
    request: {
      contents: [QUESTION],
      tools: [{ function_declarations: [{ name: 'set_light', parameters: { ...LIGHT, type: 'OBJECT' } }] }],
      tool_config: { function_calling_config: { mode: 'auto' } },
    },
    sent: {
      contents: [QUESTION],
      tools: [{ functionDeclarations: [{ name: 'set_light', parametersJsonSchema: LIGHT }] }],
    },
  },
  {
    name: 'a function that must be called',
    request: {
      contents: [QUESTION],
      tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }] }],
      toolConfig: {
        functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] },
        retrievalConfig: { latLng: { latitude: 34.05, longitude: -118.25 } },
      },
    },
  },
  {
    name: 'validated functions',
    request: {
      contents: [QUESTION],
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } },
    },
  },
  {
    name: 'functions called in parallel, and their results',
    isVertex: true,
    request: {
      contents: [
        user({ text: 'Turn this place into a party!' }),
        model(
          { functionCall: { name: 'power_disco_ball', args: { power: true } }, thoughtSignature: 'AbCd' },
          { functionCall: { name: 'start_music', args: { energetic: true, loud: true } } },
          { functionCall: { name: 'power_disco_ball', args: { power: false } } },
        ),
        user(
          { functionResponse: { name: 'power_disco_ball', response: { result: 'Disco ball powered' } } },
          { functionResponse: { name: 'start_music', response: { music_type: 'pop', bpm: 128 } } },
          { functionResponse: { name: 'power_disco_ball', response: { error: 'broken' } } },
        ),
      ],
    },
  },
  {
    name: 'a function and its result with ids',
    request: {
      contents: [
        QUESTION,
        model({ functionCall: { id: 'x1', ...MEETING_CALL } }, { functionCall: { id: 'x2', ...MEETING_CALL } }),
        user(
          { functionResponse: { id: 'x2', name: 'get_meeting', response: { output: 'second' } } },
          { functionResponse: { id: 'x1', name: 'get_meeting', response: {}, scheduling: 'WHEN_IDLE' } },
        ),
      ],
    },
  },
  {
    name: 'a function and its result without ids, which get some',
    request: {
      contents: [
        QUESTION,
        model({ functionCall: MEETING_CALL }),
        { role: 'function', parts: [{ functionResponse: { name: 'get_meeting', response: { result: 'Noon' } } }] },
      ],
    },
    sent: {
      contents: [
        QUESTION,
        model({ functionCall: { id: 'call_0_get_meeting', ...MEETING_CALL } }),
        user({ functionResponse: { id: 'call_0_get_meeting', name: 'get_meeting', response: { result: 'Noon' } } }),
      ],
    },
  },
  {
    name: 'tools that Google runs',
    request: {
      contents: [QUESTION],
      tools: [{ googleSearch: {} }, { urlContext: {}, codeExecution: {} }],
    },
  },
  {
    name: 'code that Google ran',
    request: {
      contents: [
        QUESTION,
        model(
          { text: 'Let me see.' },
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
        ),
        user({ text: 'And?' }),
      ],
    },
  },
  {
    name: 'a schema',
    request: {
      contents: [QUESTION],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: RECIPE_AS_JSON_SCHEMA },
    },
  },
  {
    name: 'a schema in the notation of OpenAPI',
    request: {
      contents: [QUESTION],
      generationConfig: { responseMimeType: 'application/json', responseSchema: RECIPE },
    },
    sent: {
      contents: [QUESTION],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: RECIPE_AS_JSON_SCHEMA },
    },
  },
  {
    name: 'JSON of any form',
    request: { contents: [QUESTION], generationConfig: { responseMimeType: 'application/json' } },
  },
  {
    name: 'one value of an enumeration',
    request: {
      contents: [QUESTION],
      generationConfig: {
        responseMimeType: 'text/x.enum',
        responseSchema: { type: 'STRING', enum: ['Percussion', 'String'] },
      },
    },
  },
  {
    name: 'thoughts',
    request: {
      contents: [QUESTION],
      generationConfig: { thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } },
    },
  },
  {
    name: 'thoughts as the model likes',
    request: { contents: [QUESTION], generationConfig: { thinkingConfig: { thinkingBudget: -1 } } },
  },
  {
    name: 'thoughts to read',
    request: { contents: [QUESTION], generationConfig: { thinkingConfig: { includeThoughts: true } } },
  },
  {
    name: 'thoughts of an earlier turn',
    request: {
      contents: [
        QUESTION,
        model({ text: 'Hm.', thought: true }, { text: 'By learning.', thoughtSignature: 'AbCdEf==' }),
        user({ text: 'Really?' }),
      ],
    },
  },
  {
    name: 'speech',
    request: {
      contents: [QUESTION],
      generationConfig: {
        responseModalities: ['AUDIO'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      },
    },
  },
  {
    name: 'pictures',
    request: {
      contents: [
        user({ text: 'Draw.' }),
        model({ inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature: 'AbCd' }),
        user({ text: 'Bigger.' }),
      ],
      generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: '16:9' } },
    },
  },
  {
    name: 'fields that are not known yet',
    request: {
      contents: [QUESTION],
      generationConfig: { topK: 1, somethingNew: { a: 1 }, thinkingConfig: { thinkingBudget: 1, mood: 'calm' } },
    },
  },
];
