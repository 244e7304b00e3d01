import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import { countTokens } from '../../providers/gemini/count.ts';
import { embedContent } from '../../providers/gemini/embeddings.ts';
import { decodeAnswer } from '../../providers/gemini/response.ts';
import { generateStream } from '../../providers/gemini/stream.ts';
import { generateChat } from '../../providers/gemini/wire.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { utf8FromLatin1 } from '../latin1.ts';
import { eachEventData } from '../sse.ts';
import { gemini } from './index.ts';
import { ANSWERS } from './testing/answers.ts';
import { EXAMPLES } from './testing/examples.ts';

const PATH = { ...PLAIN_PATH, streams: false };
const CONTEXT = { operation: 'chat', provider: 'gemini', model: 'm' } as const;

describe('a request, through the neutral shape to the API that it was written for', () => {
  test.each(EXAMPLES)('with $name is the same again', ({ request, sent = request, isVertex = false }) => {
    const wire = generateChat({ model: 'gemini-2.5-flash', isVertex, fileBase: null });
    const before = JSON.stringify(request);
    const neutral = gemini.decode('chat', gemini.check('chat', request, false, PATH));
    const changes = new Changes();
    const { system_instruction: systemInstruction, ...body } = wire.encode(neutral, changes);
    expect({ ...body, ...(systemInstruction !== undefined && { systemInstruction }) }).toEqual(sent);
    expect(changes.toString()).toBe('');
    // What the client sent may still have to go out as it is.
    expect(JSON.stringify(request)).toBe(before);
  });

  test('to count tokens, bare or whole, asks for the same', () => {
    const wire = generateChat({ model: 'gemini-2.5-flash', isVertex: false, fileBase: null });
    const counter = countTokens(wire, 'models/m');
    const contents = [{ role: 'user', parts: [{ text: 'a' }] }];
    const asked = (body: JsonObject) => {
      const path = { ...PATH, action: 'count-tokens' } as const;
      const neutral = gemini.decode('chat', gemini.check('chat', body, false, path));
      return neutral.operation === 'chat' ? counter.encode(neutral, new Changes()) : null;
    };
    const expected = { generateContentRequest: { model: 'models/m', contents } };
    expect(asked({ contents })).toEqual(expected);
    expect(asked({ generateContentRequest: { model: 'models/endpoint', contents } })).toEqual(expected);
    expect(asked({ generate_content_request: { contents } })).toEqual(expected);
  });
});

describe('embeddings', () => {
  const wire = embedContent('models/m');
  const sent = (body: JsonObject, batch: boolean) => {
    const changes = new Changes();
    const request = gemini.check('embeddings', body, false, { ...PATH, batch });
    return [wire.encode(gemini.decode('embeddings', request), changes), changes.toString()] as const;
  };
  const content = { parts: [{ text: 'Hello' }] };
  const options = { taskType: 'RETRIEVAL_DOCUMENT', title: 'A', outputDimensionality: 768 };

  test('of one content are the same again', () => {
    expect(sent({ model: 'models/endpoint', content, ...options }, false)).toEqual([{ content, ...options }, '']);
    expect(sent({ content, output_dimensionality: 768 }, false)).toEqual([{ content, outputDimensionality: 768 }, '']);
  });

  test('of several are the same again', () => {
    const requests = ['a', 'b'].map((text) => ({ model: 'models/m', content: { parts: [{ text }] }, ...options }));
    expect(sent({ requests }, true)).toEqual([{ requests }, '']);
  });

  test('of several with options of their own name what they lose', () => {
    const [body, changed] = sent(
      {
        requests: [
          { content, title: 'A' },
          { content, taskType: 'QUERY' },
        ],
      },
      true,
    );
    expect(body).toEqual({
      requests: [
        { model: 'models/m', content },
        { model: 'models/m', content },
      ],
    });
    expect(changed).toBe('requests;dropped');
  });
});

describe('an answer, through the neutral shape to the client that it was written for', () => {
  test.each(ANSWERS)('with $name is the same again', ({ answer }) => {
    const request = { path: PATH, body: {}, replacements: null, streams: false };
    expect(JSON.parse(gemini.encode(decodeAnswer('chat', answer), CONTEXT, request))).toEqual(answer);
  });

  const inOneEvent = ANSWERS.filter(({ inPieces }) => inPieces === undefined);
  test.each(inOneEvent)('with $name says the same as a stream of one event', ({ answer }) => {
    const request = { path: { ...PATH, streams: true }, body: {}, replacements: null, streams: true };
    const reader = generateStream('chat').read();
    const encoder = gemini.encodeStream(CONTEXT, request);
    const chunk = reader.event(answer, '');
    const events = (chunk ? encoder.chunk(chunk) : '') + encoder.end();
    expect(whole(events)).toEqual(answer);
  });
});

/** The chunks of a stream taken together, as clients do it. */
function whole(events: string): JsonObject {
  const chunks: JsonObject[] = [];
  eachEventData(events, (data) => chunks.push(JSON.parse(utf8FromLatin1(data))));
  const answer: JsonObject = {};
  const candidates: JsonObject[] = [];
  for (const { candidates: pieces = [], ...fields } of chunks) {
    Object.assign(answer, fields);
    for (const piece of pieces as JsonObject[]) {
      const index = Number(piece.index);
      const { content, ...known } = candidates[index] ?? { content: { role: 'model' } };
      const parts = [partsOf(content), partsOf(piece.content)].flat();
      candidates[index] = {
        ...known,
        ...piece,
        content: parts.length > 0 ? { parts, role: 'model' } : { role: 'model' },
      };
    }
  }
  return candidates.length > 0 ? { candidates, ...answer } : answer;
}

/** Without the empty text that closes a stream. */
function partsOf(content: unknown): JsonObject[] {
  const { parts = [] } = content as { parts?: JsonObject[] };
  return parts.filter((part) => JSON.stringify(part) !== '{"text":""}');
}
