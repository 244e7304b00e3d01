import { describe, expect, test } from 'bun:test';
import { closeFrame, FrameError, WebSocketFrames } from './web-socket-frames.ts';

interface FrameParts {
  readonly opcode?: number;
  readonly final?: boolean;
  readonly reserved?: number;
  readonly masked?: boolean;
}

function frame(payload: string | Buffer, { opcode = 1, final = true, reserved = 0, masked = false }: FrameParts = {}) {
  const content = Buffer.from(payload as string);
  const { length } = content;
  const mask = masked ? 0x80 : 0;
  const sizes = Buffer.alloc(10);
  sizes.writeUInt16BE(length & 0xffff, 0);
  sizes.writeBigUInt64BE(BigInt(length), 2);
  const size =
    length < 126
      ? Buffer.from([mask | length])
      : length < 65_536
        ? Buffer.concat([Buffer.from([mask | 126]), sizes.subarray(0, 2)])
        : Buffer.concat([Buffer.from([mask | 127]), sizes.subarray(2)]);
  const key = masked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | reserved | opcode]), size, key, content]);
}

function reader(options: { masked?: boolean; maxMessage?: number; maxText?: number } = {}) {
  const texts: string[] = [];
  const frames = new WebSocketFrames({
    masked: options.masked ?? false,
    maxMessage: options.maxMessage ?? 1e6,
    maxText: options.maxText ?? 1e5,
    onText: (text) => texts.push(text),
  });
  return { frames, texts };
}

function failure(bytes: Buffer, options: { masked?: boolean; maxMessage?: number } = {}): number {
  try {
    reader(options).frames.take(bytes);
  } catch (error) {
    if (error instanceof FrameError) return error.code;
    throw error;
  }
  return 0;
}

describe('the frames of a WebSocket', () => {
  const stream = Buffer.concat([
    frame('héllo'),
    frame('', { opcode: 9 }),
    frame('one ', { final: false }),
    frame('ping', { opcode: 9 }),
    frame('two ', { opcode: 0, final: false }),
    frame('', { opcode: 0, final: false }),
    frame('three', { opcode: 0 }),
    frame(Buffer.alloc(300), { opcode: 2 }),
    frame('x'.repeat(200)),
    frame('y'.repeat(70_000)),
    frame(''),
  ]);

  test('give their text messages, whatever the cuts between their bytes', () => {
    for (let cut = 0; cut <= stream.length; cut += cut < 900 ? 1 : 997) {
      const { frames, texts } = reader();
      frames.take(stream.subarray(0, cut));
      frames.take(stream.subarray(cut));
      expect(texts).toEqual(['héllo', 'one two three', 'x'.repeat(200), 'y'.repeat(70_000), '']);
      expect(frames.isBetweenFrames).toBe(true);
    }
    const { frames, texts } = reader();
    for (const byte of stream.subarray(0, 80)) frames.take(Buffer.from([byte]));
    expect(texts).toEqual(['héllo', 'one two three']);
  });

  test('that are too long to be read are passed over', () => {
    const { frames, texts } = reader({ maxText: 10 });
    frames.take(stream);
    expect(texts).toEqual(['héllo', '']);
  });

  test('tell whether one has begun', () => {
    const { frames } = reader();
    frames.take(stream.subarray(0, 1));
    expect(frames.isBetweenFrames).toBe(false);
    frames.take(stream.subarray(1, 8));
    expect(frames.isBetweenFrames).toBe(true);
  });

  test('that break the rules are refused with the code of a close frame', () => {
    expect(failure(frame('x', { reserved: 0x40 }))).toBe(1002);
    expect(failure(frame('x', { masked: true }))).toBe(1002);
    expect(failure(frame('x'), { masked: true })).toBe(1002);
    expect(failure(frame('x', { masked: true }), { masked: true })).toBe(0);
    expect(failure(frame('x', { opcode: 3 }))).toBe(1002);
    expect(failure(frame('x', { opcode: 11 }))).toBe(1002);
    expect(failure(frame('x', { opcode: 0 }))).toBe(1002);
    expect(failure(Buffer.concat([frame('x', { final: false }), frame('x')]))).toBe(1002);
    expect(failure(frame('x', { opcode: 9, final: false }))).toBe(1002);
    expect(failure(frame('x'.repeat(126), { opcode: 9 }))).toBe(1002);
    expect(failure(Buffer.concat([frame('', { opcode: 8 }), frame('x')]))).toBe(1002);
    expect(failure(frame('x'.repeat(101)), { maxMessage: 100 })).toBe(1009);
    const halves = [frame('x'.repeat(60), { final: false }), frame('x'.repeat(60), { opcode: 0 })];
    expect(failure(Buffer.concat(halves), { maxMessage: 100 })).toBe(1009);
    expect(failure(frame('x'.repeat(100)), { maxMessage: 100 })).toBe(0);
  });

  test('end with a close frame of either side', () => {
    for (const masked of [false, true]) {
      const { frames } = reader({ masked });
      frames.take(closeFrame(1001, masked));
      expect([frames.isClosing, frames.isBetweenFrames]).toEqual([true, true]);
    }
    expect(closeFrame(1001, false)).toEqual(Buffer.from([0x88, 2, 0x03, 0xe9]));
  });
});
