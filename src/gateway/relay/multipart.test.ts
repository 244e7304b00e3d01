import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { BodyStream } from '../../upstream/port.ts';
import { MultipartBody } from './multipart-body.ts';
import { isFieldValue, MultipartFields, multipartBoundary } from './multipart-fields.ts';

function source(pieces: readonly (string | Uint8Array)[], length: number | null = null): BodyStream {
  const left = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece));
  return { length, read: async () => left.shift() ?? null, cancel: () => left.splice(0) };
}

const part = (disposition: string, content: string, more = ''): string =>
  `--B1\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`;
const file = (content: string): string =>
  part('name="file"; filename="a.mp3"', content, 'Content-Type: audio/mpeg\r\n');
const END = '--B1--\r\n';

async function everything(body: BodyStream): Promise<string> {
  let text = '';
  for (let bytes = await body.read(); bytes !== null; bytes = await body.read()) {
    text += Buffer.from(bytes).toString('latin1');
  }
  return text;
}

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof GatewayError) return `${error.status} ${error.message}`;
    throw error;
  }
  return 'none';
}

const TRICKY = '\r\n--B\r\n-B1\r\n\r\n--B2\r\n--B\0\xff\r\n\r\n';
const FORM = `${part('name="language"', 'en')}${file(TRICKY)}${part('name="model"', 'endpoint')}${END}`;

describe('a form', () => {
  test('gets another model, whatever the cuts between its bytes, and no other change', async () => {
    const expected = FORM.replace('endpoint', 'whisper-1');
    for (let cut = 0; cut <= FORM.length; cut++) {
      const body = new MultipartBody(source([FORM.slice(0, cut), FORM.slice(cut)], FORM.length), 'B1');
      expect(await body.findModel(1e6)).toBe('endpoint');
      body.setModel('whisper-1');
      expect(body.length).toBe(expected.length);
      expect(await everything(body)).toBe(expected);
    }
    const bytes = new MultipartBody(source([...Buffer.from(FORM, 'latin1')].map((byte) => Uint8Array.of(byte))), 'B1');
    bytes.setModel('whisper-1');
    expect(await everything(bytes)).toBe(expected);
    expect(bytes.length).toBeNull();
  });

  test('is read no further than its model', async () => {
    const pieces = [`${part('name="language"', 'en')}${part('name="model"', 'e')}--B1`, file('x').slice(4), END];
    const body = new MultipartBody(
      { length: null, read: async () => Buffer.from(pieces.shift() ?? ''), cancel: () => {} },
      'B1',
    );
    expect(await body.findModel(1e6)).toBe('e');
    expect(pieces.length).toBe(2);
  });

  test('keeps its model where the upstream names it otherwise', async () => {
    const body = new MultipartBody(source([FORM], FORM.length), 'B1');
    await body.findModel(1e6);
    body.setModel(null);
    expect([body.length, await everything(body)]).toEqual([FORM.length, FORM]);
  });

  test('may have a preamble, blanks behind a boundary, an unquoted name, an empty value and an epilogue', async () => {
    const form =
      'preamble\r\n--B1 \t\r\ncontent-disposition: form-data; filename=x; name=model\r\n\r\n\r\n--B1--\r\nepilogue';
    const body = new MultipartBody(source([form]), 'B1');
    expect(await body.findModel(1e6)).toBe('');
    body.setModel('m-1');
    expect(await everything(body)).toBe(form.replace('\r\n\r\n\r\n', '\r\n\r\nm-1\r\n'));
  });

  test('without a model, or with a model too far behind, says so', async () => {
    const without = new MultipartBody(source([file('x'), END]), 'B1');
    expect(await without.findModel(1e6)).toBeNull();
    const far = new MultipartBody(source([file('x'.repeat(500)), FORM]), 'B1');
    expect(await refusal(() => far.findModel(300))).toStartWith("400 The form has no field 'model' in its first 300");
  });

  test('is refused where two readers could see two models, or where it is none', async () => {
    const read = (form: string) =>
      refusal(async () => {
        const body = new MultipartBody(source([form]), 'B1');
        await body.findModel(1e6);
        await everything(body);
      });
    const model = part('name="model"', 'a');
    expect(await read(`${model}${model}${END}`)).toBe("400 The form has more than one field 'model'.");
    expect(await read(`${model}${file('x')}`)).toContain('ends before its last boundary');
    expect(await read('{"model":"a"}')).toContain('ends before its last boundary');
    expect(await read(`--B1x\r\n\r\n\r\n${END}`)).toContain('not followed by a line end');
    expect(await read(part('name="model"', 'a'.repeat(2000)) + END)).toContain("field 'model' is too long");
    expect(await read(`--B1\r\nX: ${'a'.repeat(20_000)}`)).toContain('headers of a part are too long');
  });
});

test('a boundary is found in the content type', () => {
  expect(multipartBoundary('multipart/form-data; boundary=----x1')).toBe('----x1');
  expect(multipartBoundary('Multipart/Form-Data; charset=utf-8; boundary="a b"')).toBe('a b');
  expect(multipartBoundary('application/json')).toBeNull();
  expect(() => multipartBoundary('multipart/form-data')).toThrow('no boundary');
});

test('a field is picked by its whole name', () => {
  const values = (disposition: string) =>
    new MultipartFields('B1', 'model')
      .take(Buffer.from(part(disposition, 'v') + END))
      .filter(isFieldValue)
      .map(({ value }) => value);
  expect(values('name="model"')).toEqual(['v']);
  expect(values('name="models"')).toEqual([]);
  expect(values('filename="name=model"; name="x"')).toEqual([]);
  expect(values('xname="model"')).toEqual([]);
  expect(values('filename="a; name=model"; NAME=model')).toEqual(['v']);
  expect(values('filename="a\\"; name=model"; name="file"')).toEqual([]);
});
